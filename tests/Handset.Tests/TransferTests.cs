using System;
using System.IO;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>Profiles come and go while the handset is on.</summary>
public sealed class TransferTests
{
    [Fact]
    public async Task AProfileIsPushedRunsIsLockedAndIsPulledAndRemoved()
    {
        using TestFlash flash = new(64);
        byte[] random = new byte[(3 << 20) + 7];
        new Random(1).NextBytes(random);
        string folder = flash.Make(Boots.Bare("moved"), ("guest.bin", Boots.Image("Spin")), ("data.bin", random), ("zeros.bin", new byte[20 << 20]));
        await using var handset = await Boots.StartAsync(flash, cores: 2);
        await using LinkStore store = new(handset.Link);
        Assert.Empty(handset.ProfileNames);
        await store.PushAsync("moved", folder, TestFlash.Files(folder));
        await handset.RefreshAsync();
        Assert.Equal(["moved"], handset.ProfileNames);

        await handset.StartAsync("moved");
        Assert.True(Assert.Single((await store.ListAsync()).Profiles).IsRunning);
        string into = Directory.CreateDirectory(Path.Combine(flash.Folder, "into")).FullName;
        foreach (Func<Task> attempt in (Func<Task>[])
            [() => store.PullAsync("moved", into), () => store.RemoveAsync("moved"), () => store.PushAsync("moved", folder, TestFlash.Files(folder), replace: true)])
            Assert.Contains("pocket stop moved", (await Assert.ThrowsAsync<HandsetException>(attempt)).Message);

        await handset.StopAsync("moved", force: true);
        await store.PullAsync("moved", into);
        foreach (string file in TestFlash.Files(folder))
            Assert.True(File.ReadAllBytes(Path.Combine(folder, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(into, "moved", file))), file);

        await store.PushAsync("moved", folder, TestFlash.Files(folder), replace: true);
        await handset.StartAsync("moved");
        Assert.Equal(LinkProfileState.Running, (await handset.StatusAsync("moved")).State);
        await handset.StopAsync("moved", force: true);
        await store.RemoveAsync("moved");
        await handset.RefreshAsync();
        Assert.Empty(handset.ProfileNames);
    }
}
