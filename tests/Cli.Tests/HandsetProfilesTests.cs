using System.Net.Sockets;
using System.Security.Cryptography;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Tests;

/// <summary>
/// Profiles that move, as commands move them: on the flash of handsets that are off, and by way of the control socket of one that is up. Here
/// that one's hub serves a flash image, too, instead of a link.
/// </summary>
public sealed class HandsetProfilesTests : IAsyncDisposable
{
    private static readonly StorageSize FlashSize = new(64 << 20);

    private readonly TemporaryRepository _tree = new();
    private readonly CancellationTokenSource _end = new();
    private readonly List<Func<ValueTask>> _hubs = [];

    private Repository Repository => _tree.Repository;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var hub in _hubs)
            await hub();
        _tree.Dispose();
        _end.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_pushed_is_there_and_comes_back_the_same(bool up)
    {
        var profile = MakeProfile("lab");
        await using var handset = await HandsetAsync("a", up);
        Assert.Equal(up, handset.IsUp);
        List<TransferProgress> reports = [];

        await PushAsync(handset, profile, reports: reports);

        var stored = await handset.FindAsync("lab", default);
        var length = Directory.GetFiles(profile.Folder).Sum(file => new FileInfo(file).Length);
        Assert.Equal((length, "off"), (stored.Bytes, HandsetProfiles.State(stored)));
        Assert.Equal((length, length), (reports[^1].DoneBytes, reports[^1].TotalBytes));
        Assert.Equal(["Image", "profile.json", "root.img"], (await handset.FilesAsync("lab", default)).Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal(profile.Manifest, ManifestReader.Read("lab", await handset.ManifestAsync("lab", default)));

        var into = Path.Combine(Repository.Root, "into");
        await handset.PullAsync("lab", into, new Reports([]), default);
        Assert.Equal(Contents(profile.Folder), Contents(Path.Combine(into, "lab")));

        await handset.RemoveAsync("lab", unfinished: false, default);
        Assert.Equal(
            ("There is no profile \"lab\" on a; there is none at all: bring one with `pocket push`.", ExitCodes.Usage),
            Problem(await Assert.ThrowsAsync<UserException>(() => handset.FindAsync("lab", default))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_push_that_is_given_up_is_incomplete_and_goes_on_later(bool up)
    {
        var profile = MakeProfile("lab", diskBytes: 24 << 20);
        await using var handset = await HandsetAsync("a", up);
        using var giveUp = new CancellationTokenSource();
        var push = handset.PushAsync("lab", profile.Folder, ProfileReadiness.FileNames(profile), false, new Reports([], report => GiveUpAfter(report, giveUp)), giveUp.Token);

        // A hub hears of it a moment later, and may have all of it by then. This machine's own push ends at once.
        if (await Record.ExceptionAsync(() => push) is { } given)
            Assert.IsAssignableFrom<OperationCanceledException>(given);
        else
            Assert.True(up);
        if ((await handset.FindAsync("lab", default)).IsUnfinished)
        {
            Assert.Contains("is incomplete", (await Assert.ThrowsAsync<UserException>(() => handset.FindOffAsync("lab", "copied", default))).Message);
            await PushAsync(handset, profile);
        }
        else
        {
            Assert.True(up);
        }
        Assert.False((await handset.FindOffAsync("lab", "copied", default)).IsUnfinished);
    }

    // At once, and not by a timer, which a quick push would outrun.
    private static void GiveUpAfter(TransferProgress report, CancellationTokenSource giveUp)
    {
        if (report.DoneBytes > 1 << 20)
            giveUp.Cancel();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_is_a_sentence(bool up)
    {
        var profile = MakeProfile("lab");
        await using var handset = await HandsetAsync("a", up);
        await PushAsync(handset, profile);

        var problem = await Assert.ThrowsAnyAsync<Exception>(() => PushAsync(handset, profile));
        Assert.True(problem is UserException or HandsetException);
        Assert.Contains("lab is on the flash already", problem.Message);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_profile_moves_whoever_is_up(bool fromUp, bool toUp)
    {
        var profile = MakeProfile("lab");
        await using var a = await HandsetAsync("a", fromUp);
        await using var b = await HandsetAsync("b", toUp);
        await PushAsync(a, profile);

        await new Migration(Repository, a, b).RunAsync("lab", keep: false, default);

        Assert.Empty((await a.ListAsync(default)).Profiles);
        await b.PullAsync("lab", Repository.Root, new Reports([]), default);
        Assert.Equal(Contents(profile.Folder), Contents(Path.Combine(Repository.Root, "lab")));

        await new Migration(Repository, b, a).RunAsync("lab", keep: true, default);
        Assert.Equal(["lab"], (await a.ListAsync(default)).Profiles.Select(each => each.Name));
        Assert.Equal(["lab"], (await b.ListAsync(default)).Profiles.Select(each => each.Name));
        Assert.StartsWith("lab is on b already;", (await Assert.ThrowsAsync<UserException>(() => new Migration(Repository, a, b).RunAsync("lab", false, default))).Message);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Repository.State, "migrate")));
    }

    [Fact]
    public async Task A_move_to_a_handset_without_room_leaves_the_profile_where_it_was()
    {
        var profile = MakeProfile("lab", diskBytes: 40 << 20);
        await using var a = await HandsetAsync("a", up: false);
        await using var b = await HandsetAsync("b", up: false);
        await PushAsync(a, profile);
        await PushAsync(b, MakeProfile("other", diskBytes: 40 << 20));

        Assert.Contains("lab needs 40 MB and the flash has", (await Assert.ThrowsAsync<HandsetException>(() => new Migration(Repository, a, b).RunAsync("lab", false, default))).Message);

        Assert.False((await a.FindOffAsync("lab", "copied", default)).IsUnfinished);
    }

    [Fact]
    public async Task A_handset_that_starts_gets_what_is_new_and_what_changed_but_keeps_its_disks()
    {
        var diskless = MakeProfile("diskless", diskBytes: 0);
        var own = MakeProfile("own");
        List<string> notes = [];
        var handset = await StoredHandset.CreateAsync(Repository, "a", new HandsetSettings(), FlashSize, default);
        var update = new FlashUpdate(handset, notes.Add);

        await update.RunAsync([diskless, own], default);
        await update.RunAsync([diskless, own], default);
        Assert.Empty(notes);

        // A guest has written to its disk: that is no change.
        File.WriteAllBytes(Path.Combine(own.Folder, "root.img"), new byte[1 << 20]);
        await update.RunAsync([own], default);
        Assert.Empty(notes);

        diskless = Change(diskless);
        own = Change(own);
        await update.RunAsync([diskless, own], default);

        await using var flash = new ImageProfiles(handset);
        Assert.Equal(3, ManifestReader.Read("", await flash.ManifestAsync("diskless", default)).Cores);
        Assert.Equal(1, ManifestReader.Read("", await flash.ManifestAsync("own", default)).Cores);
        Assert.StartsWith($"Note: {own.Folder} is not the own on a any more.", Assert.Single(notes));

        static Profile Change(Profile profile)
        {
            File.WriteAllText(Path.Combine(profile.Folder, ProfileManifest.FileName), (profile.Manifest with { Cores = 3 }).ToFile());
            return Profile.Load(profile.Folder);
        }
    }

    [Fact]
    public async Task One_command_at_a_time_works_on_a_flash()
    {
        await using var first = await HandsetAsync("a", up: false);

        var problem = await Assert.ThrowsAsync<UserException>(() => HandsetProfiles.OpenAsync(Repository, "a", default));
        Assert.EndsWith("is in use by another command; wait until it has ended, then run this again.", problem.Message);
        Assert.Equal(ExitCodes.WrongState, problem.ExitCode);
    }

    [Fact]
    public async Task A_file_that_is_not_the_manifests_stays_here()
    {
        var profile = MakeProfile("lab");
        File.WriteAllText(profile.KernelPath, "another one");

        var problem = await Assert.ThrowsAsync<ProfileException>(() => ProfileReadiness.EnsureAsync(Repository, new Screen.Steps(), [profile], default));
        Assert.Contains("\"sha256\" of Image is not that of the file", problem.Message);
    }

    private async Task<HandsetProfiles> HandsetAsync(string name, bool up)
    {
        var handset = await StoredHandset.CreateAsync(Repository, name, new HandsetSettings(), FlashSize, default);
        if (up)
            Up(handset);
        return await HandsetProfiles.OpenAsync(Repository, name, default);
    }

    // A hub, as far as the flash is concerned.
    private void Up(StoredHandset handset)
    {
        var state = new RunState(Repository, handset.Name);
        var held = state.Acquire();
        var service = new StoreService(() => ImageStore.Open(handset.FlashPath));
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(state.ControlSocket));
        listener.Listen();
        var serving = Task.Run(async () =>
        {
            List<Task> connections = [];
            try
            {
                while (true)
                    connections.Add(ServeAsync(new LineSocket(await listener.AcceptAsync(_end.Token))));
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(connections);
            }
        });
        _hubs.Add(async () =>
        {
            await serving;
            listener.Dispose();
            held.Dispose();
        });

        async Task ServeAsync(LineSocket connection)
        {
            using (connection)
            {
                if (await connection.ReceiveAsync<ControlRequest>(default) is not { } request)
                    return; // Somebody looked whether we are here.
                try
                {
                    if (request.Verb is ControlVerb.Push or ControlVerb.Pull)
                        await service.TransferAsync(connection, request, _end.Token);
                    else
                        await connection.SendAsync(await service.AnswerAsync(request, _end.Token), default);
                }
                catch (HandsetException e)
                {
                    await connection.SendAsync(new ControlReply(e.Message), default);
                }
                catch (Exception e) when (e is OperationCanceledException or IOException)
                {
                    // The command has gone.
                }
            }
        }
    }

    private static Task PushAsync(HandsetProfiles handset, Profile profile, List<TransferProgress>? reports = null) =>
        handset.PushAsync(profile.Manifest.Name, profile.Folder, ProfileReadiness.FileNames(profile), false, new Reports(reports ?? []), default);

    private Profile MakeProfile(string name, int diskBytes = 2 << 20)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Profiles, name)).FullName;
        File.WriteAllBytes(Path.Combine(folder, "Image"), RandomNumberGenerator.GetBytes(100_000));
        if (diskBytes > 0)
            File.WriteAllBytes(Path.Combine(folder, "root.img"), RandomNumberGenerator.GetBytes(diskBytes));
        var manifest = new ProfileManifest { Name = name, Memory = new(2 << 20), Kernel = "Image", Disks = diskBytes > 0 ? [new("root.img", ReadOnly: false)] : [] };
        File.WriteAllText(Path.Combine(folder, ProfileManifest.FileName), manifest.WithDigests(folder).ToFile());
        return Profile.Load(folder);
    }

    private static Dictionary<string, string> Contents(string folder) =>
        Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path)!, path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));

    private static (string, int) Problem(UserException problem) => (problem.Message, problem.ExitCode);

    private sealed class Reports(List<TransferProgress> reports, Action<TransferProgress>? then = null) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            reports.Add(value);
            then?.Invoke(value);
        }
    }
}
