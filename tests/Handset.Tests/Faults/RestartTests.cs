using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Handsets.Tests.Faults;

/// <summary>Keeper and hypervisor crash: a report, and the handset begins anew; but not for ever.</summary>
public sealed partial class RestartTests
{
    private const string Secret = "what-work-alone-may-know";

    [Fact]
    public async Task AHandsetWhoseKeeperOrHypervisorCrashesSaysSoAndStartsAgainAndASecondCrashAtOnceTurnsItOff()
    {
        using TestFlash flash = new(64);
        string gdb = Path.Combine(flash.Folder, "gdb"), qmp = Path.Combine(flash.Folder, "qmp");
        await flash.PushAsync(flash.Make(Boots.DebianManifest("work", cores: 1) with { Disks = [new ProfileDisk("data.img", false)] },
            [.. Boots.DebianFiles("work"), ("data.img", new byte[1 << 20])]));
        Crashes seen = new();
        await using var handset = await Handset.StartAsync(
            new HandsetOptions
            {
                Image = SourceTree.Image,
                Flash = flash.Image,
                Cores = 2,
                Memory = new MemorySize(1L << 30),
                Network = null,
                Gdb = $"unix:{gdb},server=on,wait=off",
                ExtraArguments = QmpClient.Arguments(qmp),
                BootTimeout = Boots.Patience,
            }, seen);
        await using var monitor = await QmpClient.ConnectAsync(qmp);
        await handset.ShellAsync("work");
        await handset.AskAsync("work", $"echo {Secret} > /secret; for i in 1 2 3 4 5 6 7 8; do cat /secret /secret > /twice; cat /twice >> /secret; done; echo kept | dd of=/dev/vda conv=fsync");
        Assert.True(await HoldsSecretAsync());
        await UntilItMayRestartAsync();

        var waiting = handset.Console("work").WaitForAsync("what it never says");
        await Debugger.DivertAsync(gdb, Debugger.Symbol("keeper.elf", "gic_acknowledge"));
        Assert.Contains("restarts", (await Assert.ThrowsAsync<HandsetException>(() => waiting)).Message, StringComparison.Ordinal);
        await RestartedAsync(1);
        Assert.Contains("keeper: panic: exception on core", Assert.Single(seen.Reasons), StringComparison.Ordinal);
        Assert.Contains(handset.Log, line => line == "keeper: the handset was restarted: memory is zeroed before profiles get it");
        await handset.ShellAsync("work");
        Assert.Equal("kept", await handset.AskAsync("work", "head -n 1 /dev/vda"));
        Assert.False(await HoldsSecretAsync()); // it has the same memory

        await UntilItMayRestartAsync();
        await Debugger.DivertAsync(gdb, Debugger.Hypervisor + Debugger.Symbol("hypervisor.elf", "save_guest"));
        await RestartedAsync(2);
        Assert.Contains("pocketvisor: panic: exception at EL2, vector 4", seen.Reasons[1], StringComparison.Ordinal);

        await Debugger.DivertAsync(gdb, Debugger.Symbol("keeper.elf", "gic_acknowledge"));
        await handset.Off.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("pocketvisor: too early; off", handset.Serial[^1]);
        Assert.Contains("keeper: panic: exception on core", handset.Trouble, StringComparison.Ordinal);
        Assert.Equal(2, handset.Restarts);

        async Task RestartedAsync(int times)
        {
            for (var end = DateTime.UtcNow + Boots.Patience; handset.Restarts < times; await Task.Delay(100))
                Assert.True(DateTime.UtcNow < end, $"it did not restart: {string.Join('\n', handset.Serial.TakeLast(20))}");
        }

        async Task UntilItMayRestartAsync()
        {
            while ((await handset.ListAsync()).Now - seen.ConnectedAt < TimeSpan.FromSeconds(10)) await Task.Delay(100);
        }

        async Task<bool> HoldsSecretAsync()
        {
            string started = handset.Log.Last(line => line.EndsWith(", started", StringComparison.Ordinal));
            ulong address = ulong.Parse(Address().Match(started).Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return (await monitor.MemoryAsync(address, (long)(await handset.StatusAsync("work")).MemoryBytes, flash.Folder)).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes($"{Secret}\n{Secret}\n")) >= 0;
        }
    }

    [GeneratedRegex("at 0x([0-9a-f]+)")]
    private static partial Regex Address();

    private sealed class Crashes : HandsetObserver
    {
        public System.Collections.Generic.List<string> Reasons { get; } = [];

        /// <summary>By the handset's counter.</summary>
        public TimeSpan ConnectedAt { get; private set; }

        public override void Connected(HandsetInfo info, ProfileList profiles) => ConnectedAt = profiles.Now;

        public override void Restarting(string why) => Reasons.Add(why);
    }
}
