using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Profiles;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Handsets.Tests;

/// <summary>
/// The handset loses its power in the middle of everything, 200 times in all: the emulator is killed. What was flushed is there, the volume is sound,
/// and whoever was not concerned has lost nothing.
/// </summary>
/// <remarks>
/// The moments are random, from a seed that is printed. Killing the emulator loses what it has not handed to the PC's kernel; the loss of what
/// was handed over and not flushed, in any order, is tested without an emulator (tests/Flash.Tests).
/// </remarks>
public sealed class PowerCutTests
{
    private const int CutsInWrites = 70, CutsInPushes = 60, CutsInRemovals = 40, CutsInLinux = 30;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly ITestOutputHelper _output;
    private readonly Random _random;

    public PowerCutTests(ITestOutputHelper output)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        (_output, _random) = (output, new Random(seed));
    }

    /// <summary>A bare guest writes numbered records and flushes now and then (tests/Guests/DiskJournal).</summary>
    [Fact]
    public async Task WhatAGuestHasFlushedIsThere()
    {
        using var flash = new TestFlash(64);
        string bystander = await PutBystanderAsync(flash);
        await flash.PushAsync(flash.Make(Boots.Bare("journal") with { Disks = [new ProfileDisk("journal.img", false)] },
            ("guest.bin", Boots.Image("DiskJournal")), ("journal.img", new byte[1 << 20])));
        long flushed = 0;
        for (int cut = 1; cut <= CutsInWrites; cut++)
        {
            ProfileConsole console;
            await using (var handset = await Boots.StartAsync(flash, cores: 1 + cut % 2))
            {
                console = handset.Console("journal");
                await console.WaitForAsync("guest: journal: flushed", s_limit); // the line before it has come whole
                await Task.Delay(_random.Next(400));
            }

            // The console's last words may have been cut off: more may be on the disk, never less.
            Assert.DoesNotContain("FAILED", console.Text, StringComparison.Ordinal);
            long found = Last(console.Text, "guest: journal: found ");
            Assert.True(found >= flushed, $"cut {cut}: {flushed} was flushed, {found} was found");
            flushed = Math.Max(found, Last(console.Text, "guest: journal: flushed "));
            flash.MustBeSound();
        }
        await MustBeWholeAsync(flash, bystander);
        _output.WriteLine($"{CutsInWrites} cuts; {flushed} records flushed");
        Assert.True(flushed > CutsInWrites + 2047, "hardly anything was written");
    }

    /// <summary>Linux with ext4 on a disk writes files and syncs each before it says so.</summary>
    [Fact]
    public async Task WhatLinuxHasSyncedIsThere()
    {
        using var flash = new TestFlash(160);
        string data = Path.Combine(flash.Folder, "data.img");
        using (var file = File.Create(data)) file.SetLength(32 << 20);
        TestFlash.Run("mke2fs", "-q", "-t", "ext4", data);
        await flash.PushAsync(flash.Make(Boots.DebianManifest("work", cores: 1) with { Disks = [new ProfileDisk("data.img", false)] },
            [.. Boots.DebianFiles("work"), ("data.img", File.ReadAllBytes(data))]));
        List<int> kept = []; // numbers of the files that are certainly there
        int next = 1;
        for (int cut = 1; cut <= CutsInLinux; cut++)
        {
            ProfileConsole console;
            await using (var handset = await Boots.StartAsync(flash, cores: 2))
            {
                console = handset.Console("work");
                await handset.ShellAsync("work");
                await handset.AskAsync("work", "mount -t ext4 /dev/vda /mnt");
                await console.TypeAsync($"i={next}; while :; do echo content-$i | dd of=/mnt/f$i conv=fsync 2>/dev/null && echo kept $i; i=$((i+1)); done\n");
                await console.WaitForAsync($"kept {next}", s_limit);
                await Task.Delay(_random.Next(700));
            }
            kept.AddRange(Numbers(console.Text, "kept ").Select(number => (int)number));
            next = kept[^1] + 2; // the one after it may be there in part

            flash.MustBeSound();
            string copy = Path.Combine(await flash.PullAsync("work"), "data.img");
            var (code, said) = TestFlash.TryRun("e2fsck", "-p", copy); // replays the journal, as the guest's kernel will
            Assert.True(code is 0 or 1, $"cut {cut}: e2fsck -p: {code}: {said}");
            TestFlash.Run("e2fsck", "-fn", copy);
            foreach (int i in new[] { kept[0], kept[_random.Next(kept.Count)], kept[^1] }.Distinct())
            {
                string found = TestFlash.Run("debugfs", "-R", $"cat f{i}", copy);
                Assert.True(found.Contains($"content-{i}\n", StringComparison.Ordinal), $"cut {cut}: file {i} is not there: {found}");
            }
            Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(copy))!, recursive: true);
        }
        _output.WriteLine($"{CutsInLinux} cuts; {kept.Count} files");
    }

    /// <summary>A push over the link that replaces a profile: the old one is there or the new one, whole, and the next push goes on.</summary>
    [Fact]
    public async Task APushLeavesTheOldOneOrTheNewOne()
    {
        using var flash = new TestFlash(64);
        string bystander = await PutBystanderAsync(flash);
        byte[][] versions = [Contents(1), Contents(2)];
        await flash.PushAsync(Version(flash, versions[0]));
        int replaced = 0;
        for (int cut = 1; cut <= CutsInPushes; cut++)
        {
            string folder = Version(flash, versions[cut % 2]);
            await using (var handset = await Boots.StartAsync(flash, cores: 1))
            {
                await using var store = new LinkStore(handset.Link);
                var push = store.PushAsync("target", folder, TestFlash.Files(folder), replace: true);
                await Task.WhenAny(push, Task.Delay(_random.Next(cut % 3 == 0 ? 2000 : 500)));
                await handset.DisposeAsync();
                await IgnoreAsync(push);
            }
            flash.MustBeSound();
            string pulled = await flash.PullAsync("target");
            byte[] there = await File.ReadAllBytesAsync(Path.Combine(pulled, "data.bin"));
            Assert.True(there.SequenceEqual(versions[0]) || there.SequenceEqual(versions[1]), $"cut {cut}: the profile is neither the old nor the new one");
            if (there.SequenceEqual(versions[cut % 2])) replaced++;
            Directory.Delete(Path.GetDirectoryName(pulled)!, recursive: true);
        }
        await MustBeWholeAsync(flash, bystander);
        _output.WriteLine($"{CutsInPushes} cuts; {replaced} left the new one");
    }

    /// <summary>A removal over the link: the profile is there whole or not at all.</summary>
    [Fact]
    public async Task ARemovalLeavesAllOrNothing()
    {
        using var flash = new TestFlash(64);
        string bystander = await PutBystanderAsync(flash);
        byte[] contents = Contents(3);
        int gone = 0;
        for (int cut = 1; cut <= CutsInRemovals; cut++)
        {
            string folder = Version(flash, contents);
            await using (var store = ImageStore.Open(flash.Image))
                if ((await store.ListAsync()).Profiles.All(profile => profile.Name != "target")) await store.PushAsync("target", folder, TestFlash.Files(folder));
            await using (var handset = await Boots.StartAsync(flash, cores: 1))
            {
                await using var store = new LinkStore(handset.Link);
                var removal = store.RemoveAsync("target");
                await Task.WhenAny(removal, Task.Delay(_random.Next(40)));
                await handset.DisposeAsync();
                await IgnoreAsync(removal);
            }
            flash.MustBeSound();
            await using (var store = ImageStore.Open(flash.Image))
            {
                if ((await store.ListAsync()).Profiles.All(profile => profile.Name != "target"))
                {
                    gone++;
                    continue;
                }
            }
            string pulled = await flash.PullAsync("target");
            Assert.Equal(contents, await File.ReadAllBytesAsync(Path.Combine(pulled, "data.bin")));
        }
        await MustBeWholeAsync(flash, bystander);
        _output.WriteLine($"{CutsInRemovals} cuts; {gone} left nothing");
    }

    // A profile that nobody touches. Its folder on the PC, to compare with.
    private async Task<string> PutBystanderAsync(TestFlash flash)
    {
        byte[] noise = new byte[3_000_001];
        _random.NextBytes(noise);
        string folder = flash.Make(Boots.Bare("bystander") with { Autostart = false, Disks = [new ProfileDisk("noise.img", false)] },
            ("guest.bin", Boots.Image("Spin")), ("noise.img", noise));
        await flash.PushAsync(folder);
        return folder;
    }

    private static async Task MustBeWholeAsync(TestFlash flash, string folder)
    {
        string pulled = await flash.PullAsync(Path.GetFileName(folder));
        Assert.Equal(TestFlash.Files(folder), TestFlash.Files(pulled));
        foreach (string file in TestFlash.Files(folder))
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(folder, file)), await File.ReadAllBytesAsync(Path.Combine(pulled, file)));
    }

    private static string Version(TestFlash flash, byte[] contents) => flash.Make(
        Boots.Bare("target") with { Autostart = false, Disks = [new ProfileDisk("data.bin", false)] }, ("guest.bin", Boots.Image("Spin")), ("data.bin", contents));

    // Noise and zeros in turn, which travel differently.
    private static byte[] Contents(int seed)
    {
        byte[] contents = new byte[6 << 20];
        var random = new Random(seed);
        for (int at = 0; at < contents.Length; at += 1 << 20) random.NextBytes(contents.AsSpan(at, 600_000));
        return contents;
    }

    private static async Task IgnoreAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (HandsetException)
        {
            // The handset went off in the middle of it; that is what this is about.
        }
    }

    // The largest of them.
    private static long Last(string text, string word) => Numbers(text, word).DefaultIfEmpty().Max();

    // The numbers behind a word, of lines that came whole.
    private static IEnumerable<long> Numbers(string text, string word)
    {
        for (int at = 0; (at = text.IndexOf(word, at, StringComparison.Ordinal)) >= 0; at += word.Length)
        {
            int end = text.IndexOf('\n', at);
            if (end >= 0 && long.TryParse(text[(at + word.Length)..end].Trim(), CultureInfo.InvariantCulture, out long number)) yield return number;
        }
    }
}
