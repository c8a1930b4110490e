using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Tests;

/// <summary><c>pocket profile create NAME --from FOLDER</c>.</summary>
public sealed class ProfileMakerTests : IDisposable
{
    private static readonly StorageSize Small = new(64 << 20);

    private readonly TemporaryRepository _tree = new();

    private Repository Repository => _tree.Repository;

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task Around_a_kernel_and_a_disk_it_writes_the_manifest()
    {
        var from = System("initrd.img", "root.img");

        var profile = await MakeAsync("lab", from, new ProfileOptions(Cores: 2, Network: Network.None));

        Assert.Equal(new ProfileManifest
        {
            Name = "lab",
            Cores = 2,
            Memory = new(512 << 20),
            Kernel = "Image",
            Initrd = "initrd.img",
            CommandLine = "console=ttyAMA0 panic=-1 reboot=panic_warm",
            Disks = [new("root.img", ReadOnly: false)],
            Network = Network.None,
        }.WithDigests(profile.Folder), profile.Manifest);
        Assert.Equal(["Image", "initrd.img"], profile.Manifest.Sha256.Keys);
        Assert.Equal(File.ReadAllBytes(Path.Combine(from, "Image")), File.ReadAllBytes(profile.KernelPath));
    }

    [Fact]
    public async Task A_copy_has_the_new_name_and_otherwise_says_the_same()
    {
        var first = await MakeAsync("lab", System("root.img"), new ProfileOptions());
        var file = Path.Combine(first.Folder, ProfileManifest.FileName);
        File.WriteAllText(file, (first.Manifest with { Weight = 7, Mac = "02:00:00:00:00:01" }).ToFile());
        File.WriteAllText(Path.Combine(first.Folder, "not-named.txt"), "");

        var second = await MakeAsync("lab2", first.Folder, new ProfileOptions(Memory: new(1 << 30)));

        Assert.Equal(first.Manifest with { Name = "lab2", Weight = 7, Memory = new(1 << 30) }, second.Manifest);
        Assert.Equal(["Image", "profile.json", "root.img"], Directory.GetFiles(second.Folder).Select(path => Path.GetFileName(path)!).Order());
    }

    [Fact]
    public async Task A_disk_grows_and_where_there_is_none_an_empty_one_is_made()
    {
        var from = System("root.img");
        var grown = await MakeAsync("grown", from, new ProfileOptions(Disk: Small));
        Assert.Equal(Small.Bytes, new FileInfo(Path.Combine(grown.Folder, "root.img")).Length);

        var made = await MakeAsync("made", System(), new ProfileOptions(Disk: Small));
        Assert.Equal([new ProfileDisk("disk.img", ReadOnly: false)], made.Manifest.Disks);
        Assert.Equal(Small.Bytes, new FileInfo(Path.Combine(made.Folder, "disk.img")).Length);
    }

    [Fact]
    public async Task A_disk_is_never_cut()
    {
        var from = System("root.img");
        using (var disk = File.OpenWrite(Path.Combine(from, "root.img")))
            disk.SetLength(2 * Small.Bytes);

        var problem = await Assert.ThrowsAsync<UserException>(() => MakeAsync("lab", from, new ProfileOptions(Disk: Small)));
        Assert.Equal("root.img is 128 MB already, and a file system doesn't survive being cut; name a larger --disk.", problem.Message);
        Assert.Empty(Directory.GetFileSystemEntries(Repository.Profiles));
    }

    [Fact]
    public async Task What_a_manifest_names_must_be_there()
    {
        var from = System("root.img");
        File.WriteAllText(Path.Combine(from, ProfileManifest.FileName), """{ "version": 1, "name": "other", "memory": "2M", "kernel": "vmlinuz" }""");

        Assert.Contains("\"kernel\" names vmlinuz, which is not in the folder", (await Assert.ThrowsAsync<ProfileException>(() => MakeAsync("lab", from, new ProfileOptions()))).Message);
        Assert.Empty(Directory.GetFileSystemEntries(Repository.Profiles));
    }

    [Theory]
    [InlineData("Lab", "A profile's name is a lower-case letter, then up to 30 lower-case letters, digits or hyphens (and not \"handset\"); \"Lab\" is not.")]
    [InlineData("lab", "There is a profile \"lab\" already; choose another name, or remove it with `pocket profile remove lab`.")]
    public async Task A_name_is_taken_once(string name, string sentence)
    {
        await MakeAsync("lab", System(), new ProfileOptions());

        Assert.Equal(sentence, Assert.Throws<UserException>(() => OwnProfiles.RequireFree(Repository, name)).Message);
    }

    private Task<Profile> MakeAsync(string name, string from, ProfileOptions options) =>
        OwnProfiles.CreateAsync(Repository, name, folder => new ProfileMaker(options, _ => { }).MakeAsync(ProfileMaker.Source(from, name), folder, CancellationToken.None));

    // A folder with a kernel and other files, which hold zeros.
    private string System(params string[] others)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, Path.GetRandomFileName())).FullName;
        var kernel = new byte[4096];
        "ARM\x64"u8.CopyTo(kernel.AsSpan(56));
        File.WriteAllBytes(Path.Combine(folder, "Image"), kernel);
        foreach (var name in others)
            File.WriteAllBytes(Path.Combine(folder, name), new byte[4096]);
        return folder;
    }
}
