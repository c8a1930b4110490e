using System.Security.Cryptography;

namespace Pocketvisor.Cli.Fuzzing;

/// <summary>An input that broke something.</summary>
/// <param name="File">Where it is kept.</param>
/// <param name="What">What it broke.</param>
public sealed record FuzzFinding(string File, string What)
{
    private const string NotAgain = "nothing when it runs alone: what it did depends on inputs before it, or on time";

    /// <summary>Keeps an input, and beside it a text that can go into tests/Fuzz.Tests/Crashers as it is.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="kind">"crash" or "hang".</param>
    /// <param name="input">The file with the input.</param>
    /// <param name="what">What it broke when it ran once more; null for nothing.</param>
    public static FuzzFinding Keep(FuzzFolder folder, string kind, string input, string? what)
    {
        var bytes = System.IO.File.ReadAllBytes(input);
        Directory.CreateDirectory(folder.Found);
        var file = Path.Combine(folder.Found, NameOf(kind, bytes));
        System.IO.File.WriteAllBytes(file, bytes);
        System.IO.File.WriteAllText(file + ".txt", $"# {what ?? NotAgain}\n{Convert.ToBase64String(bytes)}\n");
        return new FuzzFinding(file, what ?? NotAgain);
    }

    /// <summary>A file name that the same bytes always get.</summary>
    public static string NameOf(string kind, byte[] bytes) => $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]}";
}
