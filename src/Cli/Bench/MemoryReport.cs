using System.Globalization;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Bench;

/// <summary>What hypervisor and keeper keep for themselves, on handsets of several sizes with several numbers of profiles.</summary>
/// <param name="Conditions">When and where.</param>
/// <param name="Rows">One for each handset.</param>
public sealed record MemoryReport(BenchConditions Conditions, IReadOnlyList<KeptMemory> Rows) : IBenchReport
{
    /// <inheritdoc/>
    public string Subject => "memory";

    IReadOnlyDictionary<string, double> IBenchReport.Recorded =>
        Rows.Where(row => row.MemoryBytes == 1 << 30).ToDictionary(row => Name(row.Profiles), row => (double)row.KeptBytes);

    /// <summary>What is recorded: bytes kept on a handset with 1 GB.</summary>
    public static string Name(int profiles) => string.Create(CultureInfo.InvariantCulture, $"1 GB, {profiles} profile{(profiles == 1 ? "" : "s")}");

    /// <inheritdoc/>
    public void Show(TextWriter output)
    {
        var table = new Listing(["MEMORY"], ["PROFILES", "HYPERVISOR", "KEEPER", "KEPT", "PROMISE", "WANTED"]);
        foreach (var row in Rows)
            table.Add(
                $"{row.MemoryBytes >> 20} MB", $"{row.Profiles}", Megabytes(row.HypervisorBytes), Megabytes(row.KeeperBytes),
                row.MemoryBytes != 1 << 30 ? Megabytes(row.KeptBytes) : row.KeptBytes < KeptMemory.Promised ? $"[green]{Megabytes(row.KeptBytes)}[/]" : $"[red]{Megabytes(row.KeptBytes)}[/]",
                row.MemoryBytes != 1 << 30 ? "" : Megabytes(KeptMemory.Promised), row.MemoryBytes != 1 << 30 ? "" : Megabytes(KeptMemory.Wanted));
        table.Write(output);
    }

    private static string Megabytes(ulong bytes) => (bytes / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture) + " MB";
}
