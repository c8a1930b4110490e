using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>One boot of the handset as it is shipped: four cores, personal and work.</summary>
public sealed class TwoPhones : IAsyncLifetime
{
    public Handset Handset { get; private set; }

    public OwnerTable OwnersBefore { get; private set; }

    public async Task InitializeAsync()
    {
        Handset = await Boots.StartAsync(4, [.. Boots.Debian("personal", 2), .. Boots.Debian("work", 1)]);
        await Handset.ShellAsync("personal");
        await Handset.ShellAsync("work");
        OwnersBefore = await Handset.OwnersAsync();
    }

    public async Task DisposeAsync()
    {
        if (Handset is not null) await Handset.DisposeAsync();
    }
}

public sealed class TwoPhonesTests(TwoPhones phones) : IClassFixture<TwoPhones>
{
    private readonly Handset _handset = phones.Handset;

    [Theory]
    [InlineData("personal", 2, 512)]
    [InlineData("work", 1, 384)]
    public async Task EachIsItsOwnMachine(string name, int cores, int megabytes)
    {
        await RunningAsync(name);
        Assert.Equal(name, await _handset.AskAsync(name, "hostname"));
        Assert.Equal(cores.ToString(CultureInfo.InvariantCulture), await _handset.AskAsync(name, "nproc"));
        int kilobytes = int.Parse(await _handset.AskAsync(name, "awk '/MemTotal/ { print $2 }' /proc/meminfo"), CultureInfo.InvariantCulture);
        Assert.InRange(kilobytes / 1024.0, megabytes * 0.75, megabytes);
        Assert.Contains("Linux", await _handset.AskAsync(name, "uname -a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheListTellsTheTruth()
    {
        await RunningAsync("work");
        var list = await _handset.ListAsync();
        Assert.Equal(["personal", "work"], list.Profiles.Select(p => p.Name));
        Assert.All(list.Profiles, p => Assert.Equal(LinkProfileState.Running, p.State));
        Assert.Equal([512ul << 20, 384ul << 20], list.Profiles.Select(p => p.MemoryBytes));
        Assert.All(list.Profiles, p => Assert.True(p.CpuTime > TimeSpan.Zero && p.Exits > 0 && p.Uptime > TimeSpan.Zero));
        Assert.InRange(_handset.Info.HypervisorBytes, 1ul, 4ul << 20);
    }

    /// <summary>Linux dies in work; personal answers all the while, and its clock neither stops nor jumps.</summary>
    [Fact]
    public async Task ACrashInWorkIsWorksAlone()
    {
        await RunningAsync("work");
        double clock = await _handset.UptimeAsync("personal");
        var wall = DateTime.UtcNow;
        await _handset.Console("work").TypeAsync("echo c > /proc/sysrq-trigger\n");
        await _handset.Console("work").WaitForAsync("Kernel panic", Boots.Patience);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("personal", await _handset.AskAsync("personal", "hostname", TimeSpan.FromSeconds(20)));
            await Task.Delay(200);
        }
        double ran = await _handset.UptimeAsync("personal") - clock;
        double passed = (DateTime.UtcNow - wall).TotalSeconds;
        Assert.InRange(ran, passed * 0.5, (passed * 1.5) + 1);
        Assert.Equal(LinkProfileState.Running, (await _handset.StatusAsync("personal")).State);

        await _handset.WaitForStateAsync("work", [LinkProfileState.Off, LinkProfileState.Failed]); // by itself
        await _handset.StartAsync("work");
        await _handset.ShellAsync("work");
        Assert.Equal("work", await _handset.AskAsync("work", "hostname"));
    }

    /// <summary>PSCI's CPU_OFF, AFFINITY_INFO and CPU_ON, as Linux makes them: a core that went is off, and comes back.</summary>
    [Fact]
    public async Task CoresGoAndComeBack()
    {
        await RunningAsync("personal");
        Assert.Equal("2", await _handset.AskAsync("personal", "for i in 1 2 3 4 5 6 7 8; do for on in 0 1; do echo $on > /sys/devices/system/cpu/cpu1/online; done; done 2>&1; nproc"));
        Assert.Equal("8", await _handset.AskAsync("personal", "dmesg | grep -c 'psci: CPU1 killed'"));
    }

    [Fact]
    public async Task PowerOffAndRebootDoWhatTheySay()
    {
        await RunningAsync("work");
        await _handset.Console("work").TypeAsync("reboot -f\n");
        await _handset.ShellAsync("work");
        await _handset.Console("work").TypeAsync("poweroff -f\n");
        await _handset.WaitForStateAsync("work", [LinkProfileState.Off], Boots.Patience);
        Assert.Equal("personal", await _handset.AskAsync("personal", "hostname"));
    }

    [Fact]
    public async Task ThePowerButtonStopsIt()
    {
        await RunningAsync("work");
        Assert.True(await _handset.StopAsync("work", patience: TimeSpan.FromSeconds(60)), "it had to be destroyed");
        Assert.Equal(LinkProfileState.Off, (await _handset.StatusAsync("work")).State);
    }

    /// <summary>Ten times up and down: not a page more or less belongs to anyone.</summary>
    [Fact]
    public async Task TenRoundsLeakNothing()
    {
        if ((await _handset.StatusAsync("work")).State is not (LinkProfileState.Off or LinkProfileState.Failed)) await _handset.StopAsync("work", force: true);
        var off = await _handset.OwnersAsync();
        for (int round = 0; round < 10; round++)
        {
            await _handset.StartAsync("work");
            var on = await _handset.OwnersAsync();
            Assert.Equal(off.LentPages + (384u << 8) + 1, on.LentPages); // its memory, and the page of its registers
            await Task.Delay(150 * round); // each time it is somewhere else in its boot
            await _handset.StopAsync("work", force: true);
            Assert.Equal(off, await _handset.OwnersAsync());
        }
        Assert.Equal("personal", await _handset.AskAsync("personal", "hostname"));
    }

    /// <summary>Whatever test was before: it is up and at its prompt.</summary>
    private async Task RunningAsync(string name)
    {
        if ((await _handset.StatusAsync(name)).State is LinkProfileState.Running) return;
        _handset.Console(name).SkipToEnd();
        await _handset.StartAsync(name);
        await _handset.ShellAsync(name);
    }
}
