using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Handsets.Tests.Faults;

/// <summary>Who hangs is named: a vCPU that takes no interrupts, a core of the keeper that no longer comes to its loop, a core that keeps the hypervisor's lock.</summary>
public sealed class WatchdogTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly TestFlash _folder = new(64);

    private string Gdb(string handset) => System.IO.Path.Combine(_folder.Folder, handset);

    public void Dispose() => _folder.Dispose();

    /// <summary>The deaf one goes on, and so does its neighbour; then, with the same handset, a core of the keeper hangs.</summary>
    [Fact]
    public async Task AVcpuThatTakesNoInterruptsIsNamedOnceAndACoreThatHangsRestartsTheHandset()
    {
        await using var handset = await StartAsync("first", cores: 2, "DeafGuest", "Spin");
        string[] Reports() => [.. handset.Log.Where(line => line.Contains("has not taken an interrupt", StringComparison.Ordinal))];
        await UntilAsync(handset, () => Reports().Length > 0);
        Assert.Matches("^keeper: deafguest0: vCPU 0 has not taken an interrupt for 10 s: PC 0x[0-9a-f]+, PSTATE 0x[0-9a-f]+; its timer is due$", Reports()[0]);
        output.WriteLine(Reports()[0]);
        await Task.Delay(3000);
        Assert.Single(Reports()); // and never one of spin, for which nothing waits

        await HangAsync(handset, Gdb("first"), core: 0);
    }

    /// <summary>One that nobody but the hypervisor looks after, and one whose first core goes on.</summary>
    [Fact]
    public Task AnyCoreThatHangsIsNamed()
    {
        return Task.WhenAll(HangsAsync(cores: 1, core: 0), HangsAsync(cores: 2, core: 1));

        async Task HangsAsync(int cores, int core)
        {
            await using var handset = await StartAsync($"of {cores}", cores, "Spin");
            await HangAsync(handset, Gdb($"of {cores}"), core);
        }
    }

    /// <summary>A core stops at EL2, where nothing interrupts it: the next one that wants the lock gives up, and its report says who has it.</summary>
    [Fact]
    public async Task ACoreThatKeepsTheHypervisorsLockRestartsTheHandset()
    {
        await using var handset = await StartAsync("locked", cores: 2, "Spin", "Spin");
        await Task.Delay(TimeSpan.FromSeconds(10)); // a panic before that turns the handset off
        await Debugger.DivertAsync(Gdb("locked"), Debugger.Hypervisor + Debugger.Symbol("hypervisor.elf", "world_save"), Debugger.Hypervisor + Debugger.Symbol("hypervisor.elf", "core_halt"), thread: 2);
        await UntilAsync(handset, () => handset.Restarts > 0);
        output.WriteLine(string.Join('\n', handset.Serial));
        string[] report = [.. handset.Serial.SkipWhile(line => !line.StartsWith("pocketvisor: panic", StringComparison.Ordinal))];
        Assert.Equal("pocketvisor: panic: exception at EL2, vector 4", report[0]);
        Assert.Equal($"  {0xF200_0001:x16}", report[4]);        // the lock's BRK
        Assert.Contains(report[8], new[] { Vcpu(0, 0), Vcpu(1, 0), Vcpu(2, 0) }.Select(vcpu => $"  {vcpu:x16}"));                 // x1: who waits
        Assert.Contains(report[9], new[] { Vcpu(0, 1), Vcpu(1, 0), Vcpu(2, 0) }.Select(vcpu => $"  {vcpu & uint.MaxValue:x16}")); // x2: who has it
    }

    // Where EL2 has it (docs/memory-map.md). The keeper, VM 0, has one for each core.
    private static ulong Vcpu(int vm, int index) => 0x40_0000_0000 + ((ulong)vm << 21) + 0x2000 + ((ulong)index << 12);

    private static async Task HangAsync(Handset handset, string gdb, int core)
    {
        await Debugger.DivertAsync(gdb, Debugger.Symbol("keeper.elf", "gic_acknowledge"), Debugger.Symbol("keeper.elf", "halt"), thread: core + 1); // QEMU's first is core 0
        await UntilAsync(handset, () => handset.Restarts > 0);
        Assert.Contains($"pocketvisor: panic: the keeper hangs, core {core}", handset.Serial);
    }

    private Task<Handset> StartAsync(string gdb, int cores, params string[] guests) => Handset.StartAsync(new HandsetOptions
    {
        Image = SourceTree.Image,
        BootMedium = [.. guests.SelectMany((guest, i) => Boots.Guest($"{guest.ToLowerInvariant()}{i}", guest, autostart: true))],
        Cores = cores,
        Network = null,
        Gdb = $"unix:{Gdb(gdb)},server=on,wait=off",
        BootTimeout = Boots.Patience,
    });

    private static async Task UntilAsync(Handset handset, Func<bool> done)
    {
        for (var end = DateTime.UtcNow + s_limit; !done(); await Task.Delay(100))
            Assert.True(DateTime.UtcNow < end, string.Join('\n', handset.Serial.Concat(handset.Log).TakeLast(30)));
    }
}
