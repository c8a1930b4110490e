using System;
using System.IO;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>A phone moves to another handset by copying its folder, and doesn't notice.</summary>
public sealed class MovingTests
{
    /// <summary>
    /// Written on phone-a; copied from flash to flash by Linux, whose exFAT is not ours; read on phone-b, which has other cores, other memory and another
    /// interrupt controller.
    /// </summary>
    [Fact]
    public async Task TheFolderIsThePhone()
    {
        using TestFlash phoneA = new(160), phoneB = new(256);
        string disk = Path.Combine(phoneA.Folder, "data.img");
        using (var file = File.Create(disk)) file.SetLength(32 << 20);
        TestFlash.Run("mke2fs", "-q", "-t", "ext4", disk);
        var manifest = Boots.DebianManifest("work", cores: 2) with { Disks = [new ProfileDisk("data.img", false)], Mac = "02:00:00:00:00:07" };
        string folder = phoneA.Make(manifest, [.. Boots.DebianFiles("work"), ("data.img", File.ReadAllBytes(disk))]);
        await phoneA.PushAsync(folder, manifest.WithDigests(folder));

        string digest, machine;
        await using (var handset = await Boots.StartAsync(phoneA, cores: 4, memory: "2G", network: "user,id=net"))
        {
            await handset.ShellAsync("work");
            machine = await handset.AskAsync("work", Describe);
            await handset.AskAsync("work", "mount -t ext4 /dev/vda /mnt && head -c 5000000 /dev/urandom > /mnt/contacts && mkdir /mnt/mail && echo 'hello from phone-a' > /mnt/mail/1");
            digest = await handset.AskAsync("work", "sha256sum < /mnt/contacts");
            Assert.True(await handset.StopAsync("work", patience: TimeSpan.FromSeconds(60)), "it had to be destroyed");
            await handset.ShutdownAsync();
        }
        phoneA.MustBeSound();

        await using (var linux = await Lab.StartAsync(phoneA.Image, phoneB.Image))
        {
            await linux.AskAsync("mkdir -p /a /b && mount -t exfat /dev/vda /a && mount -t exfat /dev/vdb /b && cp -r /a/work /b/ && umount /a /b");
            await linux.PowerOffAsync();
        }
        phoneB.MustBeSound();

        await using (var handset = await Boots.StartAsync(phoneB, cores: 1, memory: "768M", gic: 4, network: "user,id=net"))
        {
            await handset.ShellAsync("work");
            Assert.Equal(machine, await handset.AskAsync("work", Describe));
            await handset.AskAsync("work", "mount -t ext4 /dev/vda /mnt");
            Assert.Equal(digest, await handset.AskAsync("work", "sha256sum < /mnt/contacts"));
            Assert.Equal("hello from phone-a", await handset.AskAsync("work", "cat /mnt/mail/1"));
        }
    }

    /// <summary>A kernel that is not the one that the manifest names doesn't start, and the sentence names the file.</summary>
    [Fact]
    public async Task AFileThatIsNotTheOneOfTheManifestDoesNotStart()
    {
        using TestFlash flash = new(64);
        string folder = flash.Make(Boots.Bare("changed") with { Autostart = false }, ("guest.bin", Boots.Image("Spin")));
        var manifest = (Boots.Bare("changed") with { Autostart = false }).WithDigests(folder);
        await flash.PushAsync(folder, manifest);
        await using (var handset = await Boots.StartAsync(flash, cores: 1)) await handset.StartAsync("changed"); // the right one does

        byte[] kernel = Boots.Image("Spin");
        kernel[^1] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(folder, "guest.bin"), kernel);
        await flash.PushAsync(folder, replace: true);
        await using (var handset = await Boots.StartAsync(flash, cores: 1))
        {
            var refused = await Assert.ThrowsAsync<HandsetException>(() => handset.StartAsync("changed"));
            Assert.Contains("guest.bin is not the file that the manifest's sha256 names", refused.Message, StringComparison.Ordinal);
            Assert.Equal(LinkProfileState.Failed, (await handset.StatusAsync("changed")).State);
        }
    }

    /// <summary>Linux panics; the profile says that it wants to be started again, and is.</summary>
    [Fact]
    public async Task WhatFailsStartsAgainIfItsManifestSaysSo()
    {
        using TestFlash flash = new(96);
        await flash.PushAsync(flash.Make(Boots.DebianManifest("work", cores: 1) with { Autorestart = Autorestart.OnFailure }, Boots.DebianFiles("work")));
        await using var handset = await Boots.StartAsync(flash, cores: 2);
        await handset.ShellAsync("work");
        var console = handset.Console("work");
        await console.TypeAsync("echo c > /proc/sysrq-trigger\n");
        await console.WaitForAsync("Kernel panic", Boots.Patience);
        await handset.ShellAsync("work"); // of the next start
        Assert.Contains(handset.Log, line => line.Contains("starts again in 1 s", StringComparison.Ordinal));
        Assert.Equal("work", await handset.AskAsync("work", "hostname"));
    }

    // What a guest can see of its machine.
    private const string Describe = "nproc; uname -a; cat /sys/class/net/eth0/address; ls /sys/bus/virtio/devices; cat /sys/block/vda/size; grep -c . /proc/interrupts; ls /proc/device-tree";
}
