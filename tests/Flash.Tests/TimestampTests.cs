using System;
using Xunit;

namespace Pocketvisor.Flash.Tests;

public sealed class TimestampTests
{
    [Theory]
    [InlineData(1980, 1, 1, 0, 0, 0)]
    [InlineData(1999, 12, 31, 23, 59, 58)]
    [InlineData(2000, 2, 29, 12, 30, 2)]
    [InlineData(2026, 11, 26, 3, 40, 40)]
    [InlineData(2100, 3, 1, 0, 0, 0)] // 2100 has no 29 February
    [InlineData(2106, 2, 7, 6, 28, 14)]
    public void ADateIsStoredAsExFatHasIt(int year, int month, int day, int hour, int minute, int second)
    {
        uint seconds = (uint)new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero).ToUnixTimeSeconds();
        Assert.Equal((uint)((year - 1980) << 25 | month << 21 | day << 16 | hour << 11 | minute << 5 | second / 2), Timestamps.FromUnix(seconds));
    }

    [Fact]
    public void EveryDayOfTheCenturyIsRight()
    {
        for (var day = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); day.Year < 2106; day = day.AddDays(1))
            Assert.Equal((uint)((day.Year - 1980) << 9 | day.Month << 5 | day.Day), Timestamps.FromUnix((uint)day.ToUnixTimeSeconds()) >> 16);
    }

    [Fact]
    public void BeforeItsFirstDayItIsItsFirstDay() => Assert.Equal(1u << 21 | 1u << 16, Timestamps.FromUnix(12345));
}
