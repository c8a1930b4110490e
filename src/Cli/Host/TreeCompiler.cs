namespace Pocketvisor.Cli.Host;

/// <summary>dtc: device trees from text and to text.</summary>
public static class TreeCompiler
{
    /// <summary>Makes text of a tree.</summary>
    /// <exception cref="UserException">It is no tree; the message holds what dtc says.</exception>
    public static Task ToSourceAsync(string blob, string source, CancellationToken cancellation) => RunAsync("dtb", blob, "dts", source, cancellation);

    /// <summary>Makes a tree of text.</summary>
    /// <exception cref="UserException">It is wrong; the message holds what dtc says.</exception>
    public static Task ToBlobAsync(string source, string blob, CancellationToken cancellation) => RunAsync("dts", source, "dtb", blob, cancellation);

    private static async Task RunAsync(string fromFormat, string from, string toFormat, string to, CancellationToken cancellation)
    {
        var result = await Tool.RunAsync("dtc", ["-q", "-I", fromFormat, "-O", toFormat, "-o", to, from], cancellation: cancellation);
        if (!result.Succeeded)
            throw new UserException($"dtc could not turn {from} into {to}; it says:{Environment.NewLine}{result.Tail(5)}");
    }
}
