using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Handsets.Tests.Faults;

/// <summary>Who hangs is named: a vCPU that takes no interrupts, a core of the keeper that no longer comes to its loop.</summary>
public sealed class WatchdogTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>The deaf one goes on, and so does its neighbour; then, with the same handset, core 0 of the keeper hangs.</summary>
    [Fact]
    public async Task AVcpuThatTakesNoInterruptsIsNamedOnceAndACoreThatHangsRestartsTheHandset()
    {
        using TestFlash flash = new(64);
        string gdb = Path.Combine(flash.Folder, "gdb");
        await using var handset = await Handset.StartAsync(new HandsetOptions
        {
            Image = SourceTree.Image,
            BootMedium = [.. Boots.Guest("deaf", "DeafGuest", autostart: true), .. Boots.Guest("spin", "Spin", autostart: true)],
            Cores = 2,
            Network = null,
            Gdb = $"unix:{gdb},server=on,wait=off",
            BootTimeout = Boots.Patience,
        });
        string[] Reports() => [.. handset.Log.Where(line => line.Contains("has not taken an interrupt", StringComparison.Ordinal))];
        await UntilAsync(() => Reports().Length > 0);
        Assert.Matches("^keeper: deaf: vCPU 0 has not taken an interrupt for 10 s: PC 0x[0-9a-f]+, PSTATE 0x[0-9a-f]+; its timer is due$", Reports()[0]);
        output.WriteLine(Reports()[0]);
        await Task.Delay(3000);
        Assert.Single(Reports()); // and never one of spin, for which nothing waits

        await Debugger.DivertAsync(gdb, Debugger.Symbol("keeper.elf", "gic_acknowledge"), Debugger.Symbol("keeper.elf", "halt"), thread: 1); // QEMU's first is core 0
        await UntilAsync(() => handset.Restarts > 0);
        Assert.Contains("keeper: panic: every core comes to its loop within 16 s. Not so core 0", handset.Serial);

        async Task UntilAsync(Func<bool> done)
        {
            for (var end = DateTime.UtcNow + s_limit; !done(); await Task.Delay(100))
                Assert.True(DateTime.UtcNow < end, string.Join('\n', handset.Serial.Concat(handset.Log).TakeLast(30)));
        }
    }
}
