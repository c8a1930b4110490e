using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// The device tree of a profile, for the bare machine. Linux wipes the seeds out of it; without them the bare guest would be slower in some
/// things (random numbers) and faster in others (page tables of its own for user space), so it gets some.
/// </summary>
public static partial class TaxTree
{
    /// <summary>Writes the tree.</summary>
    /// <param name="tree">As the profile's Linux showed it.</param>
    /// <param name="path">Where it shall be.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static async Task WriteAsync(byte[]? tree, string path, CancellationToken cancellation)
    {
        var (given, source) = (path + ".given", path + ".dts");
        await File.WriteAllBytesAsync(given, tree ?? throw new UserException("The profile did not show its device tree; tell the project."), cancellation);
        await TreeCompiler.ToSourceAsync(given, source, cancellation);
        await File.WriteAllTextAsync(source, WithSeeds(await File.ReadAllTextAsync(source, cancellation), RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(8)), cancellation);
        await TreeCompiler.ToBlobAsync(source, path, cancellation);
        File.Delete(given);
        File.Delete(source);
    }

    /// <summary>Puts seeds into the source of a tree.</summary>
    public static string WithSeeds(string source, byte[] random, byte[] kaslr)
    {
        var without = Seeds().Replace(source, "");
        var at = Chosen().Match(without) is { Success: true } match ? match.Index + match.Length
            : throw new UserException("The profile's device tree has no node /chosen; tell the project.");
        return without.Insert(at, string.Create(CultureInfo.InvariantCulture, $"rng-seed = [{Convert.ToHexString(random)}];\nkaslr-seed = [{Convert.ToHexString(kaslr)}];\n"));
    }

    [GeneratedRegex(@"chosen \{\s*")]
    private static partial Regex Chosen();

    [GeneratedRegex(@"\s(rng-seed|kaslr-seed) = [^;]*;")]
    private static partial Regex Seeds();
}
