using System.Globalization;
using System.Text.RegularExpressions;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// Debian's Xen for arm64, on the same machine, with one guest and no dom0: Xen's documentation, "dom0less", has a device tree name the guest.
/// One core only, because two hang it on QEMU 7.2.
/// </summary>
/// <remarks>
/// <code>
/// .pocket/guests/xen/xen    the hypervisor, out of the package
/// .pocket/guests/xen/about  the package's name
/// </code>
/// </remarks>
public sealed partial class XenPeer(Repository repository, Steps steps)
{
    // Behind Xen and device tree, which QEMU puts below 0x4900_0000; within the machine's memory.
    private const ulong KernelAddress = 0x5000_0000, InitrdAddress = 0x5800_0000;
    private static readonly MemorySize MachineMemory = new(1L << 30);

    private string Folder => Path.Combine(repository.Guests, "xen");

    private string Image => Path.Combine(Folder, "xen");

    /// <summary>Which Xen it is: its package's name and version.</summary>
    public string Version => File.ReadAllText(Path.Combine(Folder, "about")).Trim();

    /// <summary>Fetches it, if it isn't there.</summary>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        if (File.Exists(Image))
            return;
        await steps.RunAsync("Fetching Debian's Xen for arm64", async report =>
        {
            var archive = new DebianArchive(Path.Combine(repository.Guests, "apt"));
            var work = Folder + ".new";
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
            await archive.UpdateAsync(report, cancellation);
            var package = (await archive.DownloadAsync([await archive.ResolveAsync("xen-system-arm64", cancellation)], work, report, cancellation)).Single();
            await DebianArchive.ExtractAsync(package, Path.Combine(work, "files"), cancellation);
            File.Move(Directory.GetFiles(Path.Combine(work, "files/boot"), "xen-*-arm64").Single(), Path.Combine(work, "xen"));
            await File.WriteAllTextAsync(Path.Combine(work, "about"), Path.GetFileNameWithoutExtension(package).Replace("%3a", ":", StringComparison.Ordinal) + "\n", cancellation);
            Directory.Delete(Path.Combine(work, "files"), recursive: true);
            Directory.Move(work, Folder);
        });
    }

    /// <summary>Runs a guest until it has said something.</summary>
    /// <param name="guest">Its kernel, initrd, command line and memory.</param>
    /// <param name="sign">Its last words.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What Xen and its guest said, line by line.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(BareMachineOptions guest, string sign, TimeSpan limit, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("pocket-");
        try
        {
            var machine = guest with { Kernel = Image, Initrd = null, CommandLine = "", HasEl2 = true, Cores = 1, Memory = MachineMemory };
            var (dumped, source, tree) = (Path.Combine(folder.FullName, "virt.dtb"), Path.Combine(folder.FullName, "xen.dts"), Path.Combine(folder.FullName, "xen.dtb"));
            var dump = await Tool.RunAsync("qemu-system-aarch64", [.. BareMachine.Arguments(machine), "-machine", $"dumpdtb={dumped}"], cancellation: cancellation);
            if (!dump.Succeeded)
                throw new UserException($"QEMU did not write the device tree of its machine; it says:{Environment.NewLine}{dump.Tail(3)}");
            await TreeCompiler.ToSourceAsync(dumped, source, cancellation);
            await File.WriteAllTextAsync(source, WithGuest(await File.ReadAllTextAsync(source, cancellation), guest), cancellation);
            await TreeCompiler.ToBlobAsync(source, tree, cancellation);
            List<string> modules = [.. guest.ExtraArguments, "-device", Module(guest.Kernel, KernelAddress)];
            if (guest.Initrd is { } initrd)
                modules.AddRange(["-device", Module(initrd, InitrdAddress)]);
            return await BareMachine.RunAsync(machine with { DeviceTree = tree, ExtraArguments = modules }, sign, limit, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Names the guest in the source of the machine's device tree (Xen, "docs/misc/arm/device-tree/booting.txt").</summary>
    public static string WithGuest(string source, BareMachineOptions guest)
    {
        var initrd = guest.Initrd is { } path ? Node("ramdisk", path, InitrdAddress, "") : "";
        var chosen = string.Create(CultureInfo.InvariantCulture, $$"""
            chosen {
                stdout-path = "/pl011@9000000";
                #address-cells = <2>;
                #size-cells = <2>;
                xen,xen-bootargs = "console=dtuart";
                guest {
                    compatible = "xen,domain";
                    #address-cells = <2>;
                    #size-cells = <2>;
                    memory = <0 {{guest.Memory.Bytes >> 10}}>;
                    cpus = <1>;
                    vpl011;
                    {{Node("kernel", guest.Kernel, KernelAddress, $"bootargs = \"{guest.CommandLine}\";")}}
                    {{initrd}}
                };
            };
            """);
        return Chosen().Replace(source, _ => chosen, 1);
    }

    private static string Node(string kind, string path, ulong address, string more) => string.Create(CultureInfo.InvariantCulture,
        $"module@{address:x} {{ compatible = \"multiboot,{kind}\", \"multiboot,module\"; reg = <0 0x{address:x} 0 {new FileInfo(path).Length}>; {more} }};");

    private static string Module(string path, ulong address) => string.Create(CultureInfo.InvariantCulture, $"loader,file={QemuProcess.Escape(path)},addr=0x{address:x},force-raw=on");

    [GeneratedRegex(@"chosen \{[^}]*\};")]
    private static partial Regex Chosen();
}
