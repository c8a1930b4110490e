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
    private static readonly (string Tool, string Package)[] NeededByTests = [("dtc", "device-tree-compiler"), ("cpio", "cpio"), ("debugfs", "e2fsprogs")];

    /// <summary>Tools that only making a Debian profile needs.</summary>
    private static readonly (string Tool, string Package)[] NeededByDebian =
        [("mmdebstrap", "mmdebstrap"), ("arch-test", "arch-test"), ("mke2fs", "e2fsprogs"), ("qemu-aarch64-static", "qemu-user-static"), ("update-binfmts", "binfmt-support"), ("newuidmap", "uidmap")];

    /// <summary>Tools that only the benchmarks need.</summary>
    private static readonly (string Tool, string Package)[] NeededByBenchmarks = [("iperf3", "iperf3"), ("dtc", "device-tree-compiler")];

    /// <summary>Tools that only fuzzing needs.</summary>
    private static readonly (string Tool, string Package)[] NeededByFuzzing = [("afl-fuzz", "afl++")];

    /// <summary>The command that installs packages, as a user types it.</summary>
    public static string Command(IEnumerable<string> packages) => $"sudo apt-get install -y --no-install-recommends {string.Join(' ', packages)}";

    /// <summary>Installs what building and running handsets need and what is missing, if this user may; otherwise says what to run.</summary>
    /// <exception cref="UserException">Something is missing and could not be installed.</exception>
    public Task EnsureAsync(bool forTests, CancellationToken cancellation) => EnsureAsync(forTests ? [.. Needed, .. NeededByTests] : Needed, cancellation);

    /// <summary>Does the same for what making a Debian profile needs.</summary>
    /// <exception cref="UserException">Something is missing and could not be installed.</exception>
    public Task EnsureForDebianAsync(CancellationToken cancellation) => EnsureAsync(NeededByDebian, cancellation);

    /// <summary>Does the same for what the benchmarks need besides what running handsets does.</summary>
    /// <exception cref="UserException">Something is missing and could not be installed.</exception>
    public Task EnsureForBenchmarksAsync(CancellationToken cancellation) => EnsureAsync([.. Needed, .. NeededByBenchmarks], cancellation);

    /// <summary>Does the same for what fuzzing needs.</summary>
    /// <exception cref="UserException">Something is missing and could not be installed.</exception>
    public Task EnsureForFuzzingAsync(CancellationToken cancellation) => EnsureAsync(NeededByFuzzing, cancellation);

    /// <summary>What to put before a command that only root may run: nothing for root, sudo for who needs no password for it; null for others.</summary>
    public static async Task<string[]?> RootPrefixAsync(CancellationToken cancellation) =>
        Environment.IsPrivilegedProcess ? []
        : Tool.Find("sudo") is not null && (await Tool.RunAsync("sudo", ["-n", "true"], cancellation: cancellation)).Succeeded ? ["sudo", "-n"]
        : null;

    private static IReadOnlyList<string> Missing((string Tool, string Package)[] needed) =>
        [.. needed.Where(x => Tool.Find(x.Tool) is null).Select(x => x.Package).Distinct()];

    private async Task EnsureAsync((string Tool, string Package)[] needed, CancellationToken cancellation)
    {
        var missing = Missing(needed);
        if (missing.Count == 0)
            return;
        if (Tool.Find("apt-get") is null)
            throw new UserException($"Install {string.Join(", ", missing)} with this machine's package manager, then run this again.", ExitCodes.Missing);
        if (await RootPrefixAsync(cancellation) is not { } prefix)
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
        if (Missing(needed) is { Count: > 0 } still)
            throw new UserException($"{string.Join(", ", still)} still lack their tools; check that PATH holds /usr/bin, then run this again.", ExitCodes.Missing);
    }

    private static Task<ToolResult> AptAsync(string[] prefix, string[] arguments, Action<string> report, CancellationToken cancellation)
    {
        string[] command = [.. prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", .. arguments];
        return Tool.RunAsync(command[0], command[1..], report, cancellation: cancellation);
    }
}
