namespace Pocketvisor.Flash;

/// <summary>
/// Dates as exFAT stores them ("Timestamp Fields"): local time of a zone that the entry names; here always UTC.
/// <code>
///   [31:25] year from 1980 | [24:21] month | [20:16] day | [15:11] hour | [10:5] minute | [4:0] seconds / 2
/// </code>
/// </summary>
public static class Timestamps
{
    private const uint DaySeconds = 86_400, FirstYear = 1980;

    /// <param name="seconds">Since 1970, UTC.</param>
    /// <returns>Of a time before 1980: the first one that can be stored.</returns>
    public static uint FromUnix(uint seconds)
    {
        uint days = seconds / DaySeconds, rest = seconds % DaySeconds, year = 1970, month = 1;
        for (; days >= DaysOf(year); year++) days -= DaysOf(year);
        if (year < FirstYear) return 1 << 21 | 1 << 16;
        for (; days >= DaysOf(year, month); month++) days -= DaysOf(year, month);
        return year - FirstYear << 25 | month << 21 | days + 1 << 16 | rest / 3600 << 11 | rest / 60 % 60 << 5 | rest % 60 / 2;
    }

    // 32 bits of seconds end in 2106, and 2100 is no leap year.
    private static uint DaysOf(uint year) => IsLeap(year) ? 366u : 365u;

    private static uint DaysOf(uint year, uint month) => month switch
    {
        2 => IsLeap(year) ? 29u : 28u,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private static bool IsLeap(uint year) => year % 4 == 0 && year != 2100;
}
