using System;
using System.IO;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>A driver that lies to its disk in every way (tests/Guests/DiskAttack): its requests fail, and nobody else notices anything.</summary>
public sealed class DiskAttackTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task ItsNeighboursNoticeNothing(int cores)
    {
        using TestFlash flash = new(160);
        byte[] noise = new byte[4 << 20];
        new Random(7).NextBytes(noise);
        await flash.PushAsync(flash.Make(Boots.DebianManifest("personal", cores: 1) with { Disks = [new ProfileDisk("photos.img", true)] },
            [.. Boots.DebianFiles("personal"), ("photos.img", noise)]));
        await flash.PushAsync(flash.Make(Boots.Bare("attacker") with { Autostart = false, Disks = [new ProfileDisk("own.img", false)] },
            ("guest.bin", Boots.Image("DiskAttack")), ("own.img", new byte[1 << 20])));

        await using (var handset = await Boots.StartAsync(flash, cores))
        {
            await handset.ShellAsync("personal");
            string photos = await handset.AskAsync("personal", "sha256sum < /dev/vda");
            await handset.Console("personal").RunAsync("while :; do sha256sum < /dev/vda; done > /tmp/sums & sleep 0");
            var before = await handset.OwnersAsync();
            for (int round = 0; round < 3; round++)
            {
                await handset.StartAsync("attacker");
                var console = handset.Console("attacker");
                string said = await console.WaitForAsync("guest: disk: end", TimeSpan.FromSeconds(120));
                Assert.Contains("guest: disk: mistakes of the device 0\n", console.Text, StringComparison.Ordinal);
                Assert.DoesNotContain("LOST", console.Text, StringComparison.Ordinal);
                await handset.WaitForStateAsync("attacker", [LinkProfileState.Off]);
                console.SkipToEnd();
                Assert.Equal(before, await handset.OwnersAsync());
            }
            await handset.AskAsync("personal", "kill $!; sleep 1; sed -i '/-/!d' /tmp/sums");
            Assert.Equal("1", await handset.AskAsync("personal", "sort -u /tmp/sums | grep -c ."));
            Assert.Equal(photos, await handset.AskAsync("personal", "sort -u /tmp/sums"));
            Assert.NotEqual(0, (await handset.Console("personal").RunAsync("dd if=/dev/zero of=/dev/vda bs=512 count=1 conv=fsync")).ExitCode); // read-only
        }
        flash.MustBeSound();
        Assert.Equal(noise, await File.ReadAllBytesAsync(Path.Combine(await flash.PullAsync("personal"), "photos.img")));
    }
}
