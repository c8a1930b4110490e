using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>A handset whose *work* phone, an unmodified Debian kernel, is in the hands of an attacker who is root there; and a bare guest with a disk driver that lies.</summary>
internal sealed class HostilePhone : IAsyncLifetime
{
    public const string PersonalAddress = "02:00:00:00:00:01";

    private const string Name = "work", WorkAddress = "02:00:00:00:00:02";

    private readonly TestFlash _flash = new(200);
    private readonly Outside _outside = new() { Reflects = true };

    public Handset Handset { get; private set; }

    public async Task InitializeAsync()
    {
        await PushAsync(Boots.DebianManifest(Neighbour.Name, 1) with { Mac = PersonalAddress, Disks = [new ProfileDisk("own.img", false)] }, [.. Boots.DebianFiles(Neighbour.Name), Disk()]);
        await PushAsync(Boots.DebianManifest(Name, 1) with { Mac = WorkAddress, Autostart = false, Disks = [new ProfileDisk("own.img", false)] }, [.. Boots.DebianFiles(Name), Disk()]);
        foreach (var attack in Attacks.All.Where(attack => attack.IsBare && attack.HasDisk))
            await PushAsync(Boots.Bare(attack.Name) with { Autostart = false, Disks = [new ProfileDisk("own.img", false)] }, ("guest.bin", Boots.Image(attack.Guest)), Disk());
        Handset = await Boots.StartAsync(_flash, 2, network: _outside.Backend);
        await Handset.ShellAsync(Neighbour.Name);
        await Neighbour.HideSecretAsync(Handset);
        // Without IPv6 it says nothing that it is not asked for: whatever comes from its address is somebody else's.
        await Handset.AskAsync(Neighbour.Name, "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 && ip link set eth0 up && ip address add 10.9.0.1/24 dev eth0");
    }

    public async Task DisposeAsync()
    {
        if (Handset is not null) await Handset.DisposeAsync();
        _outside.Dispose();
        _flash.Dispose();
    }

    /// <summary>Starts *work*, types, and stops it.</summary>
    /// <returns>What it was not stopped from, or null.</returns>
    public async Task<string> AttackAsync(Attack attack, Neighbour neighbour)
    {
        var console = Handset.Console(Name);
        console.SkipToEnd();
        await Handset.StartAsync(Name);
        try
        {
            await Handset.ShellAsync(Name);
            await Handset.AskAsync(Name, "ip link set eth0 up && ip address add 10.9.0.2/24 dev eth0");
            int frames = _outside.Frames.Count, log = Handset.Log.Count;
            foreach (string command in attack.Kind == AttackKind.Commands ? attack.Commands : attack.Commands.SkipLast(1))
            {
                var result = await console.RunAsync(command, TimeSpan.FromSeconds(120));
                Assert.True(result.ExitCode == 0, $"{command}: {result.ExitCode}: {result.Output}"); // else it has tried nothing
            }
            if (attack.Kind == AttackKind.Commands) return Leak(attack, [.. _outside.Frames.Skip(frames)]);
            await console.TypeAsync(attack.Commands[^1] + "\n");
            if (attack.Kind == AttackKind.GoesOn) return await neighbour.OutlivesAsync(Name);
            await Handset.WaitForStateAsync(Name, [LinkProfileState.Failed, LinkProfileState.Off], TimeSpan.FromSeconds(60));
            bool isStopped = Handset.Log.Skip(log).Any(line => line.Contains("fault", StringComparison.Ordinal));
            return isStopped == (attack.Threat == "T1") ? null : isStopped ? "it was stopped for something else" : "no report";
        }
        finally
        {
            if ((await Handset.StatusAsync(Name)).State is not (LinkProfileState.Off or LinkProfileState.Failed)) await Handset.StopAsync(Name, force: true);
        }
    }

    private static string Leak(Attack attack, IReadOnlyList<byte[]> left)
    {
        if (attack.IsHeardOutside) Assert.NotEmpty(left);
        return left.Any(frame => frame.AsSpan(6, 6).SequenceEqual(Outside.Bytes(PersonalAddress))) ? "a frame left with the neighbour's address" : null;
    }

    private Task PushAsync(ProfileManifest manifest, params (string Name, byte[] Contents)[] files) => _flash.PushAsync(_flash.Make(manifest, files));

    private static (string Name, byte[] Contents) Disk()
    {
        byte[] noise = new byte[2 << 20];
        new Random(7).NextBytes(noise);
        return ("own.img", noise);
    }
}
