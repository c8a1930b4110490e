using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Xunit;

namespace Pocketvisor.Handsets.Tests.Faults;

/// <summary>A core that never comes up: the handset says which, and why, and goes on with the others.</summary>
public sealed class MissingCoreTests
{
    [Fact]
    public async Task ACoreOfTheDeviceTreeThatIsNotThere()
    {
        using TestFlash flash = new(8);
        string tree = Path.Combine(flash.Folder, "tree"), source = Path.Combine(flash.Folder, "source");
        TestFlash.Run("qemu-system-aarch64", "-M", $"virt,virtualization=on,gic-version=3,dumpdtb={tree}", "-cpu", "cortex-a72", "-smp", "2", "-m", "1G", "-nodefaults", "-display", "none");
        string text = TestFlash.Run("dtc", "-q", "-I", "dtb", "-O", "dts", tree);
        int end = text.IndexOf("cpu@1 {", StringComparison.Ordinal);
        await File.WriteAllTextAsync(source, text.Insert(end, "cpu@5 { reg = <0x05>; enable-method = \"psci\"; compatible = \"arm,cortex-a72\"; device_type = \"cpu\"; };\n"));
        TestFlash.Run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree, source);

        await using var handset = await StartAsync("-dtb", tree);
        Assert.Equal("pocketvisor: the core with affinity 5 in the device tree is not there: it has no redistributor", handset.Serial[0]);
        await MustRunOnAsync(handset, cores: 2);
    }

    /// <summary>The firmware says yes, and nothing happens: the core halts at its first instruction.</summary>
    [Fact]
    public async Task ACoreThatDoesNotArrive()
    {
        using TestFlash flash = new(8);
        string gdb = Path.Combine(flash.Folder, "gdb");
        var starting = StartAsync("-S", "-gdb", $"unix:{gdb},server=on,wait=off");
        await Debugger.DivertAsync(gdb, Debugger.Hypervisor + Debugger.Symbol("hypervisor.elf", "secondary_start"), Debugger.Hypervisor + Debugger.Symbol("hypervisor.elf", "core_halt"));
        await using var handset = await starting;
        Assert.Contains("keeper: core 1 did not come up within a second; the others go on", handset.Serial);
        await MustRunOnAsync(handset, cores: 1);
    }

    private static Task<Handset> StartAsync(params string[] arguments) => Handset.StartAsync(new HandsetOptions
    {
        Image = SourceTree.Image,
        BootMedium = [.. Boots.Guest("spin", "Spin", cores: 2, autostart: true)],
        Cores = 2,
        Memory = new Pocketvisor.Profiles.MemorySize(1L << 30),
        Network = null,
        ExtraArguments = arguments,
        BootTimeout = Boots.Patience,
    });

    private static async Task MustRunOnAsync(Handset handset, int cores)
    {
        Assert.Equal(cores, handset.Info.Cores);
        await handset.Console("spin").WaitForAsync("spin: cores 2");
        await Task.Delay(500);
        Assert.Equal(LinkProfileState.Running, (await handset.StatusAsync("spin")).State);
    }
}
