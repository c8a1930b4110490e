namespace Pocketvisor.Cli.Sizes;

/// <summary>Sizes now, beside those of another commit.</summary>
/// <param name="Rows">Every part and function of either side.</param>
/// <param name="Base">The other commit; null if there is nothing to compare with.</param>
public sealed record SizeComparison(IReadOnlyList<SizeRow> Rows, string? Base)
{
    /// <summary>Compares.</summary>
    public static SizeComparison Of(IReadOnlyList<SizeEntry> now, IReadOnlyList<SizeEntry>? before, string? commit)
    {
        var old = (before ?? []).ToDictionary(e => (e.Part, e.Name), e => e.Bytes);
        var rows = now.Select(e => new SizeRow(e.Part, e.Name, e.Bytes, before is null ? null : e.Bytes - old.GetValueOrDefault((e.Part, e.Name)))).ToList();
        var present = now.Select(e => (e.Part, e.Name)).ToHashSet();
        rows.AddRange(old.Where(e => !present.Contains(e.Key)).Select(e => new SizeRow(e.Key.Part, e.Key.Name, 0, -e.Value)));
        return new SizeComparison(rows, before is null ? null : commit);
    }

    /// <summary>The parts, the largest first.</summary>
    public IReadOnlyList<SizeRow> Parts =>
        [.. Rows.GroupBy(row => row.Part).Select(part => new SizeRow(part.Key, "", part.Sum(row => row.Bytes), Base is null ? null : part.Sum(row => row.Change))).OrderByDescending(row => row.Bytes).ThenBy(row => row.Part)];
}

/// <summary>A part or one of its functions.</summary>
/// <param name="Part">See <see cref="SizeEntry"/>.</param>
/// <param name="Name">Empty for a part as a whole.</param>
/// <param name="Bytes">Now.</param>
/// <param name="Change">Since the other commit; null if there is none.</param>
public sealed record SizeRow(string Part, string Name, long Bytes, long? Change);
