using System.Globalization;
using System.Text.RegularExpressions;

namespace Pocketvisor.Cli.Sizes;

/// <summary>
/// Who has which bytes of an image, as the linker's map says (ld.lld, "-Map"): a line for each section of an object file, and below it one for
/// each of its symbols. ilc's symbols have sizes; those of the assembly reach to the next one. All bytes of the image are in the entries, once each.
/// </summary>
public static partial class LinkerMap
{
    /// <summary>Parts that aren't namespaces.</summary>
    public const string Assembly = "assembly", Constants = "constants", Gaps = "gaps";

    /// <summary>Reads a map.</summary>
    /// <param name="text">The file.</param>
    /// <param name="bytes">Size of the image.</param>
    /// <param name="program">Name of the C# program and so of its object file, such as Pocketvisor.Hypervisor.</param>
    /// <exception cref="FormatException">It isn't the map of such an image.</exception>
    public static IReadOnlyList<SizeEntry> Parse(string text, long bytes, string program)
    {
        List<Piece> pieces = [];
        long end = 0;
        var isAssembly = false;
        foreach (var line in text.Split('\n').Select(line => Line().Match(line)).Where(match => match.Success))
        {
            var (at, size, what) = (Hex(line.Groups["at"]), Hex(line.Groups["size"]), line.Groups["what"].Value);
            if (what == ".bss")
                break; // from here on nothing is in the file
            if (Section().Match(what) is { Success: true } section)
            {
                end = at + size;
                isAssembly = !section.Groups["file"].Value.EndsWith($"/{program}.o", StringComparison.Ordinal);
                var isCode = section.Groups["name"].Value == "__managedcode";
                if (!isCode)
                    pieces.Add(new Piece(at, end, isAssembly ? Assembly : Constants, isAssembly ? section.Groups["name"].Value.Replace(".text.", "", StringComparison.Ordinal) : "read-only data"));
            }
            else if (at < end && isAssembly && !what.StartsWith('$'))
            {
                if (pieces[^1].At < at)
                    pieces[^1] = pieces[^1] with { End = at };
                else
                    pieces.RemoveAt(pieces.Count - 1);
                pieces.Add(new Piece(at, end, Assembly, what));
            }
            else if (at < end && !isAssembly && size != 0 && (pieces.Count == 0 || pieces[^1].End <= at)) // the second name of a function is one for the assembly
            {
                var (part, name) = Function(what, program.Replace('.', '_'));
                pieces.Add(new Piece(at, at + size, part, name));
            }
        }
        var named = pieces.Sum(piece => piece.End - piece.At);
        if (named == 0 || named > bytes)
            throw new FormatException($"The linker's map names {named} bytes of an image of {bytes}.");
        pieces.Add(new Piece(named, bytes, Gaps, "between aligned parts"));
        return [.. pieces.GroupBy(piece => (piece.Part, piece.Name)).Select(same => new SizeEntry(same.Key.Part, same.Key.Name, same.Sum(piece => piece.End - piece.At)))];
    }

    // Pocketvisor_Hypervisor_Pocketvisor_Hypervisor_Vcpus_World__Enter: program, namespace, type, "__" and method, with _ for dots.
    private static (string Part, string Name) Function(string symbol, string program)
    {
        if (symbol.IndexOf("__", 1, StringComparison.Ordinal) is not (> 0 and var split))
            return ("runtime", symbol);
        var (path, method) = (symbol[..split].Split('_', StringSplitOptions.RemoveEmptyEntries), symbol[(split + 2)..]);
        var part = !symbol.StartsWith(program, StringComparison.Ordinal) || path.Length < 2 ? "runtime" : path[^2];
        return (part, path.Length == 0 ? symbol : $"{path[^1]}.{method.Replace('_', '.').TrimStart('.')}");
    }

    private static long Hex(Group group) => long.Parse(group.ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*(?<at>[0-9a-f]+)\s+[0-9a-f]+\s+(?<size>[0-9a-f]+)\s+[0-9]+\s+(?<what>\S.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"^(?<file>.*):\((?<name>[^)]+)\)$")]
    private static partial Regex Section();

    private sealed record Piece(long At, long End, string Part, string Name);
}
