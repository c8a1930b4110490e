using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Pocketvisor.Profiles;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Handsets.Tests.Faults;

/// <summary>A flash with bad sectors, and one that stops answering: the guest gets errors and doesn't hang, the neighbour goes on, and the keeper names the disk.</summary>
public sealed class FlashFaultTests(ITestOutputHelper output)
{
    private const int BadSector = 128;

    [Fact]
    public async Task AGuestGetsErrorsFromAFlashThatHasThemAndFromOneThatStopsAnswering()
    {
        using TestFlash flash = new(160);
        byte[] data = new byte[1 << 20];
        new Random(7).NextBytes(data);
        await flash.PushAsync(flash.Make(Boots.DebianManifest("work", cores: 1) with { Disks = [new ProfileDisk("data.img", false)] }, [.. Boots.DebianFiles("work"), ("data.img", data)]));
        await flash.PushAsync(flash.Make(Boots.Bare("neighbour") with { Autostart = true, Disks = [new ProfileDisk("journal.img", false)] },
            ("guest.bin", Boots.Image("DiskJournal")), ("journal.img", new byte[1 << 20])));
        string qmp = Path.Combine(flash.Folder, "qmp");
        await using var handset = await Handset.StartAsync(new HandsetOptions
        {
            Image = SourceTree.Image,
            Flash = $"blkdebug:{Rules(flash, data)}:{flash.Image}",
            Cores = 2,
            Network = null,
            ExtraArguments = QmpClient.Arguments(qmp),
            BootTimeout = Boots.Patience,
        });
        await handset.ShellAsync("work");

        // One bad sector.
        await MustFailAsync($"dd if=/dev/vda of=/dev/null bs=512 skip={BadSector} count=1 iflag=direct");
        await MustFailAsync($"dd if=/dev/zero of=/dev/vda bs=512 seek={BadSector} count=1 oflag=direct");
        await handset.AskAsync("work", $"dd if=/dev/vda of=/dev/null bs=512 skip={BadSector + 64} count=1 iflag=direct");
        Assert.Contains("I/O error", await handset.AskAsync("work", "dmesg | grep vda"), StringComparison.Ordinal);
        await UntilLoggedAsync("keeper: work: disk data.img: the flash failed ");
        Assert.Contains(handset.Log, line => line.EndsWith($" at sector {BadSector}", StringComparison.Ordinal));
        await handset.Console("neighbour").WaitForAsync("flushed");

        // No answers any more.
        await using var monitor = await QmpClient.ConnectAsync(qmp);
        await monitor.AskAsync("block_set_io_throttle", new { device = "flash", bps = 1, bps_rd = 0, bps_wr = 0, iops = 0, iops_rd = 0, iops_wr = 0 });
        var reading = handset.Console("work").RunAsync("dd if=/dev/vda of=/dev/null bs=4096 skip=40 count=20 iflag=direct");
        await Task.Delay(1000);
        Assert.Equal(["neighbour", "work"], (await handset.ListAsync()).Profiles.Select(p => p.Name).Order());
        Assert.NotEqual(0, (await reading.WaitAsync(TimeSpan.FromSeconds(40))).ExitCode);
        await UntilLoggedAsync("keeper: the flash does not answer, or not as it must, and is not used any more");
        Assert.Equal("alive", await handset.AskAsync("work", "echo alive"));
        await handset.WaitForStateAsync("neighbour", [LinkProfileState.Off]); // it gives up at the first error

        var refused = await Assert.ThrowsAsync<HandsetException>(() => handset.StartAsync("neighbour"));
        Assert.Contains("did not start", refused.Message, StringComparison.Ordinal);
        await handset.Link.ShutdownAsync(force: false);
        await handset.Off.WaitAsync(TimeSpan.FromSeconds(30));
        foreach (string line in handset.Log) output.WriteLine(line);

        async Task MustFailAsync(string command) => Assert.NotEqual(0, (await handset.Console("work").RunAsync(command, TimeSpan.FromSeconds(30))).ExitCode);

        async Task UntilLoggedAsync(string start)
        {
            for (var end = DateTime.UtcNow.AddSeconds(20); !handset.Log.Any(line => line.StartsWith(start, StringComparison.Ordinal)); await Task.Delay(100))
                Assert.True(DateTime.UtcNow < end, $"{start}: {string.Join('\n', handset.Log)}");
        }
    }

    // QEMU, docs/devel/blkdebug.txt: every read and write that touches the disk's bad sector fails with EIO.
    private static string Rules(TestFlash flash, byte[] data)
    {
        int at = File.ReadAllBytes(flash.Image).AsSpan().IndexOf(data.AsSpan(BadSector * 512, 512));
        Assert.True(at > 0);
        string path = Path.Combine(flash.Folder, "rules");
        File.WriteAllText(path, string.Concat(new[] { "read_aio", "write_aio" }.Select(e => $"[inject-error]\nevent = \"{e}\"\nerrno = \"5\"\nsector = \"{at / 512}\"\nonce = \"off\"\n\n")), Encoding.ASCII);
        return path;
    }
}
