using System.Runtime.InteropServices;

namespace Pocketvisor.Cli.Host;

/// <summary>Lets this machine run arm64 programs: Debian's packages run some when they are installed into a guest's root.</summary>
public static class ArmPrograms
{
    // Linux, "Kernel Support for miscellaneous Binary Formats": a file for each registered format, whose first line says whether it is on.
    private const string Formats = "/proc/sys/fs/binfmt_misc", Registered = Formats + "/qemu-aarch64";

    /// <summary>Has the kernel start QEMU for arm64 programs, if it doesn't yet. The packages are there already.</summary>
    /// <exception cref="UserException">It can't; containers often may not.</exception>
    public static async Task EnsureAsync(CancellationToken cancellation)
    {
        if (RunsThem())
            return;
        const string command = $"mountpoint -q {Formats} || mount -t binfmt_misc binfmt_misc {Formats}; update-binfmts --enable qemu-aarch64";
        if (await HostPackages.RootPrefixAsync(cancellation) is { } prefix)
        {
            string[] line = [.. prefix, "sh", "-c", command];
            await Tool.RunAsync(line[0], line[1..], cancellation: cancellation);
        }
        if (!RunsThem())
            throw new UserException($"This machine doesn't run arm64 programs, which making a Debian profile needs; run `sudo sh -c \"{command}\"` (outside, if this is a container), then run this again.", ExitCodes.Missing);
    }

    private static bool RunsThem() => RuntimeInformation.OSArchitecture == Architecture.Arm64
        || (File.Exists(Registered) && File.ReadLines(Registered).FirstOrDefault() == "enabled");
}
