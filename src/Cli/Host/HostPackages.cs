using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Host;

/// <summary>What this machine needs besides the .NET SDK, and how it gets it.</summary>
public sealed class HostPackages(Steps steps)
{
    /// <summary>Tools that everything needs, with Debian's package for each.</summary>
    private static readonly (string Tool, string Package)[] Needed =
    [
        ("qemu-system-aarch64", "qemu-system-arm"),
        ("clang", "clang"),
        ("ld.lld", "lld"),
        ("llvm-objcopy", "llvm"),
        ("setpriv", "util-linux"),
        ("dpkg-deb", "dpkg"),
        ("mkfs.exfat", "exfatprogs"),
    ];

    /// <summary>Tools that only the tests need.</summary>
    private static readonly (string Tool, string Package)[] NeededByTests = [("dtc", "device-tree-compiler"), ("cpio", "cpio")];

    /// <summary>Packages whose tools are missing.</summary>
    public static IReadOnlyList<string> Missing(bool forTests) =>
        [.. Needed.Concat(forTests ? NeededByTests : []).Where(x => Tool.Find(x.Tool) is null).Select(x => x.Package).Distinct()];

    /// <summary>The command that installs packages, as a user types it.</summary>
    public static string Command(IEnumerable<string> packages) => $"sudo apt-get install -y --no-install-recommends {string.Join(' ', packages)}";

    /// <summary>Installs what is missing, if this user may; otherwise says what to run.</summary>
    /// <exception cref="UserException">Something is missing and could not be installed.</exception>
    public async Task EnsureAsync(bool forTests, CancellationToken cancellation)
    {
        var missing = Missing(forTests);
        if (missing.Count == 0)
            return;
        if (Tool.Find("apt-get") is null)
            throw new UserException($"Install {string.Join(", ", missing)} with this machine's package manager, then run this again.", ExitCodes.Missing);
        string[]? prefix = Environment.UserName == "root" ? [] : await MaySudoAsync(cancellation) ? ["sudo", "-n"] : null;
        if (prefix is null)
            throw new UserException($"Some packages are missing; install them with `{Command(missing)}`, then run this again.", ExitCodes.Missing);

        await steps.RunAsync($"Installing {string.Join(", ", missing)}", async report =>
        {
            string[] install = ["install", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", .. missing];
            var result = await AptAsync(prefix, install, report, cancellation);
            if (!result.Succeeded)
            {
                // A fresh machine has no package lists, or old ones.
                await AptAsync(prefix, ["update"], report, cancellation);
                result = await AptAsync(prefix, install, report, cancellation);
            }
            if (!result.Succeeded)
                throw new UserException($"apt-get could not install them; run `{Command(missing)}` and see what it says. Its last lines:{Environment.NewLine}{result.Tail(6)}", ExitCodes.Missing);
        });
        if (Missing(forTests) is { Count: > 0 } still)
            throw new UserException($"{string.Join(", ", still)} still lack their tools; check that PATH holds /usr/bin, then run this again.", ExitCodes.Missing);
    }

    private static async Task<bool> MaySudoAsync(CancellationToken cancellation) =>
        Tool.Find("sudo") is not null && (await Tool.RunAsync("sudo", ["-n", "true"], cancellation: cancellation)).Succeeded;

    private static Task<ToolResult> AptAsync(string[] prefix, string[] arguments, Action<string> report, CancellationToken cancellation)
    {
        string[] command = [.. prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", .. arguments];
        return Tool.RunAsync(command[0], command[1..], report, cancellation: cancellation);
    }
}
