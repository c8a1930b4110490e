using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>One boot with personal and every attacker, which are off at first.</summary>
public sealed class Battlefield : IAsyncLifetime
{
    private static readonly (string Name, string Guest, string CommandLine, int Cores)[] s_attackers =
    [
        ("hypercalls", "Hypercalls", "", 1),
        ("registers", "SystemRegisters", "", 1),
        ("flood", "CallFlood", "", 2),
        ("deaf", "DeafGuest", "", 2),
        ("spin", "Spin", "", 2),
        ("gic", "GicAccess", "", 2),
        ("pair-load", "PairFault", "load", 1),
        ("pair-store", "PairFault", "store", 1),
        ("read-behind", "MemoryOutside", "read end=0", 1),
        ("write-behind", "MemoryOutside", "write end=0", 1),
        ("execute-behind", "MemoryOutside", "execute end=0", 1),
        ("read-far", "MemoryOutside", "read address=7ffffff000", 1),
        ("write-below", "MemoryOutside", "write address=3ffffff0", 1),
        ("execute-far", "MemoryOutside", "execute address=80000000", 1),
        ("write-neighbour", "MemoryOutside", "write address=60000000", 1), // where the handset keeps another profile's memory
    ];

    public Handset Handset { get; private set; }

    public async Task InitializeAsync()
    {
        IEnumerable<CpioEntry> medium = Boots.Debian("personal", 1);
        foreach (var (name, guest, commandLine, cores) in s_attackers) medium = medium.Concat(Boots.Guest(name, guest, commandLine, cores));
        Handset = await Boots.StartAsync(2, medium);
        await Handset.ShellAsync("personal");
    }

    public async Task DisposeAsync()
    {
        if (Handset is not null) await Handset.DisposeAsync();
    }
}

/// <summary>Each attacker is stopped or refused, and its neighbour still answers.</summary>
public sealed class AttackTests(Battlefield battlefield) : IClassFixture<Battlefield>
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly Handset _handset = battlefield.Handset;

    [Theory]
    [InlineData("read-behind")]
    [InlineData("write-behind")]
    [InlineData("execute-behind")]
    [InlineData("read-far")]
    [InlineData("write-below")]
    [InlineData("execute-far")]
    [InlineData("write-neighbour")]
    [InlineData("pair-load")]
    [InlineData("pair-store")]
    public async Task WhoLeavesItsMemoryIsStoppedWithAReport(string attacker)
    {
        var before = await _handset.OwnersAsync();
        int log = _handset.Log.Count;
        await _handset.Link.StartProfileAsync(_handset.Index(attacker)); // it may have failed before anyone sees it run
        await _handset.WaitForStateAsync(attacker, [LinkProfileState.Failed], s_limit);
        await NeighbourAnswersAsync();
        Assert.DoesNotContain("not stopped", _handset.Console(attacker).Text, StringComparison.Ordinal);
        Assert.Contains("guest: ", _handset.Console(attacker).Text, StringComparison.Ordinal);
        Assert.Contains(_handset.Log.Skip(log), line => line.Contains("fault", StringComparison.Ordinal));
        Assert.Equal(before, await _handset.OwnersAsync());
    }

    [Fact]
    public async Task HypercallsAreRefused()
    {
        string said = await ToTheEndAsync("hypercalls");
        Assert.Contains("guest: hypercalls: accepted 0\n", said, StringComparison.Ordinal);
        Assert.Contains("guest: hypercalls: keeper's calls tried 24576\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForbiddenRegistersAreUndefined()
    {
        string said = await ToTheEndAsync("registers");
        Assert.DoesNotContain("ALLOWED", said, StringComparison.Ordinal);
        Assert.Contains("guest: registers: tried 64\n", said, StringComparison.Ordinal);
        Assert.Contains("guest: registers: undefined 64\n", said, StringComparison.Ordinal);
        Assert.Contains(_handset.Log, line => line.Contains("registers", StringComparison.Ordinal) && line.Contains("undefined", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NoAccessToItsInterruptControllerHarmsAnyone() => Assert.Contains("guest: gic: end\n", await ToTheEndAsync("gic"), StringComparison.Ordinal);

    /// <summary>These never end: the neighbour answers beside them, and they go when they are told.</summary>
    [Theory]
    [InlineData("flood", "guest: flood: calls 100000")]
    [InlineData("deaf", "guest: deaf: rounds 2000")]
    [InlineData("spin", "guest: spin: cores 2")]
    public async Task WhoNeverStopsIsStopped(string attacker, string sign)
    {
        var before = await _handset.OwnersAsync();
        await _handset.StartAsync(attacker);
        try
        {
            await _handset.Console(attacker).WaitForAsync(sign, s_limit);
            for (int i = 0; i < 3; i++) await NeighbourAnswersAsync();
            Assert.Equal(LinkProfileState.Running, (await _handset.StatusAsync(attacker)).State);
        }
        finally
        {
            await _handset.StopAsync(attacker, force: true);
        }
        Assert.Equal(before, await _handset.OwnersAsync());
        await NeighbourAnswersAsync();
    }

    private async Task<string> ToTheEndAsync(string attacker)
    {
        var before = await _handset.OwnersAsync();
        await _handset.Link.StartProfileAsync(_handset.Index(attacker));
        await _handset.Console(attacker).WaitForAsync("guest: ", s_limit);
        await _handset.WaitForStateAsync(attacker, [LinkProfileState.Off, LinkProfileState.Failed], s_limit);
        await NeighbourAnswersAsync();
        var state = (await _handset.StatusAsync(attacker)).State;
        Assert.True(state == LinkProfileState.Off, $"{state}: {_handset.Console(attacker).Text}{string.Join('\n', _handset.Log.TakeLast(16))}");
        Assert.Equal(before, await _handset.OwnersAsync());
        return _handset.Console(attacker).Text;
    }

    private async Task NeighbourAnswersAsync() =>
        Assert.Equal("personal", await _handset.AskAsync("personal", "hostname", TimeSpan.FromSeconds(30)));
}
