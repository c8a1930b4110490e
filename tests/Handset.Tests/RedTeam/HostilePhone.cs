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
    public const string PersonalAddress = "02:00:00:00:00:01", DiskAttacker = "disk";

    private const string Name = "work", WorkAddress = "02:00:00:00:00:02";
    private static readonly byte[] s_workIp = [10, 9, 0, 2];

    private readonly TestFlash _flash = new(200);
    private readonly Outside _outside = new() { Reflects = true };

    public Handset Handset { get; private set; }

    public async Task InitializeAsync()
    {
        await PushAsync(Boots.DebianManifest(Neighbour.Name, 1) with { Mac = PersonalAddress, Disks = [new ProfileDisk("own.img", false)] }, [.. Boots.DebianFiles(Neighbour.Name), Disk()]);
        await PushAsync(Boots.DebianManifest(Name, 1) with { Mac = WorkAddress, Autostart = false, Disks = [new ProfileDisk("own.img", false)] }, [.. Boots.DebianFiles(Name), Disk()]);
        await PushAsync(Boots.Bare(DiskAttacker) with { Autostart = false, Disks = [new ProfileDisk("own.img", false)] }, ("guest.bin", Boots.Image("DiskAttack")), Disk());
        Handset = await Boots.StartAsync(_flash, 2, network: _outside.Backend);
        await Handset.ShellAsync(Neighbour.Name);
        await Neighbour.HideSecretAsync(Handset);
        await Handset.AskAsync(Neighbour.Name, "ip link set eth0 up && ip address add 10.9.0.1/24 dev eth0");
    }

    public async Task DisposeAsync()
    {
        if (Handset is not null) await Handset.DisposeAsync();
        _outside.Dispose();
        _flash.Dispose();
    }

    /// <summary>Starts *work*, types, and stops it.</summary>
    /// <returns>What it was not stopped from, or null.</returns>
    public async Task<string> AttackAsync(Attack attack)
    {
        var console = Handset.Console(Name);
        console.SkipToEnd();
        await Handset.StartAsync(Name);
        try
        {
            await Handset.ShellAsync(Name);
            await Handset.AskAsync(Name, "ip link set eth0 up && ip address add 10.9.0.2/24 dev eth0");
            int frames = _outside.Frames.Count, log = Handset.Log.Count;
            switch (attack.Kind)
            {
                case AttackKind.GoesOn:
                    await TypeAsync(attack);
                    return await Neighbour.OutlivesAsync(Handset, Name);
                case AttackKind.EndsThePhone:
                    await TypeAsync(attack);
                    await Handset.WaitForStateAsync(Name, [LinkProfileState.Failed, LinkProfileState.Off], TimeSpan.FromSeconds(60));
                    return attack.Threat != "T1" || Handset.Log.Skip(log).Any(line => line.Contains("fault", StringComparison.Ordinal)) ? null : "no report";
                default:
                    foreach (string command in attack.Commands)
                    {
                        var result = await console.RunAsync(command, TimeSpan.FromSeconds(120));
                        Assert.True(result.ExitCode is 0 or 143, $"{command}: {result.ExitCode}: {result.Output}"); // else it has tried nothing
                    }
                    return attack.Threat == "T6" ? Leak(attack, [.. _outside.Frames.Skip(frames)]) : null;
            }
        }
        finally
        {
            if ((await Handset.StatusAsync(Name)).State is not (LinkProfileState.Off or LinkProfileState.Failed)) await Handset.StopAsync(Name, force: true);
        }
    }

    private async Task TypeAsync(Attack attack)
    {
        foreach (string command in attack.Commands) await Handset.Console(Name).TypeAsync(command + "\n");
    }

    // Of the neighbour's own frames none names the attacker's IP address as its sender.
    private static string Leak(Attack attack, IReadOnlyList<byte[]> left)
    {
        if (attack.Name == "send-to-neighbour") Assert.NotEmpty(left); // what is addressed to nobody in the handset gets out, so the attempt would have shown
        return left.Any(frame => frame.AsSpan(6, 6).SequenceEqual(Outside.Bytes(PersonalAddress)) && frame.AsSpan().IndexOf(s_workIp) >= 0) ? "a frame left with the neighbour's address" : null;
    }

    private Task PushAsync(ProfileManifest manifest, params (string Name, byte[] Contents)[] files) => _flash.PushAsync(_flash.Make(manifest, files));

    private static (string Name, byte[] Contents) Disk()
    {
        byte[] noise = new byte[2 << 20];
        new Random(7).NextBytes(noise);
        return ("own.img", noise);
    }
}
