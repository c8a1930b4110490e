using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Tests;

/// <summary>Handsets as folders. They are formatted by the real mkfs.exfat, which <c>pocket</c> installs.</summary>
public sealed class StoredHandsetTests : IDisposable
{
    private static readonly StorageSize Small = new(64 << 20);

    private readonly TemporaryRepository _tree = new();

    private Repository Repository => _tree.Repository;

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task A_new_handset_has_its_hardware_and_a_clean_volume_with_its_name()
    {
        var settings = new HandsetSettings { Cores = 2, Memory = "1G" };
        var made = await StoredHandset.CreateAsync(Repository, "a-phone-with-a-long-name", settings, Small, CancellationToken.None);
        var handset = StoredHandset.Load(Repository, "a-phone-with-a-long-name");

        Assert.Equal(made, handset);
        Assert.Equal(settings, handset.Settings);
        Assert.Equal(1L << 30, handset.Settings.MemorySize.Bytes);
        Assert.Equal(Small.Bytes, new FileInfo(handset.FlashPath).Length);
        Assert.True((await Tool.RunAsync("fsck.exfat", ["-n", handset.FlashPath])).Succeeded);
        Assert.Contains("a-phone-wit", string.Join('\n', (await Tool.RunAsync("exfatlabel", [handset.FlashPath])).Lines));
        Assert.Equal(["a-phone-with-a-long-name"], StoredHandset.Names(Repository));
    }

    [Fact]
    public async Task A_name_is_taken_once_and_free_again_after_removal()
    {
        var first = await StoredHandset.CreateAsync(Repository, "a", new HandsetSettings(), Small, CancellationToken.None);
        var problem = await Assert.ThrowsAsync<UserException>(() => StoredHandset.CreateAsync(Repository, "a", new HandsetSettings(), Small, CancellationToken.None));
        Assert.Equal("There is a handset \"a\" already; choose another name, or remove it with `pocket handset remove a`.", problem.Message);

        first.Remove();

        Assert.Empty(Directory.GetFileSystemEntries(Repository.Handsets));
        await StoredHandset.CreateAsync(Repository, "a", new HandsetSettings(), Small, CancellationToken.None);
    }

    [Fact]
    public async Task A_flash_that_cannot_be_made_leaves_nothing_behind()
    {
        // Too small for exFAT, so that mkfs.exfat refuses.
        var problem = await Assert.ThrowsAsync<UserException>(() => StoredHandset.CreateAsync(Repository, "a", new HandsetSettings(), new StorageSize(4096), CancellationToken.None));

        Assert.StartsWith("mkfs.exfat could not format ", problem.Message);
        Assert.Empty(Directory.GetFileSystemEntries(Repository.Handsets));
    }

    [Fact]
    public async Task A_flash_in_use_is_neither_locked_again_nor_removed()
    {
        var handset = await StoredHandset.CreateAsync(Repository, "a", new HandsetSettings(), Small, CancellationToken.None);
        using (FlashImage.Lock(handset.FlashPath))
        {
            Assert.Equal(ExitCodes.WrongState, Assert.Throws<UserException>(() => FlashImage.Lock(handset.FlashPath)).ExitCode);
            Assert.Equal(ExitCodes.WrongState, Assert.Throws<UserException>(handset.Remove).ExitCode);
        }
        Assert.True(StoredHandset.Exists(Repository, "a"));
        FlashImage.Lock(handset.FlashPath).Dispose();
    }

    [Theory]
    [InlineData("phnoe", "There is no handset \"phnoe\"; did you mean \"phone\"?")]
    [InlineData("tablet", "There is no handset \"tablet\"; the handsets are phone; make another with `pocket handset create tablet`.")]
    [InlineData("../phone", "A handset's name is a lower-case letter, then up to 30 lower-case letters, digits or hyphens (and not \"handset\"); \"../phone\" is not.")]
    public void A_wrong_name_gets_advice(string name, string sentence)
    {
        _tree.Write("handsets/phone/handset.json", "{}");
        _tree.Write("handsets/not-one/notes.txt", "");

        var problem = Assert.Throws<UserException>(() => StoredHandset.Load(Repository, name));
        Assert.Equal((sentence, ExitCodes.Usage), (problem.Message, problem.ExitCode));
    }

    [Theory]
    [InlineData("""{ "cores": 9 }""", "\"cores\" must be a number from 1 to 8; it is 9.")]
    [InlineData("""{ "memory": "3M" }""", "\"memory\" must be a number with M or G, from 2M to 64G and a multiple of 2M; it is \"3M\".")]
    [InlineData("""{ "gic": 2 }""", "\"gic\" must be 3 or 4; it is 2.")]
    [InlineData("""{ "flash": "../flash.img" }""", "\"flash\" must be the name of a file beside it; it is \"../flash.img\".")]
    [InlineData("""{ "flash": "" }""", "\"flash\" must be the name of a file beside it; it is \"\".")]
    [InlineData("""{ "version": 2 }""", "\"version\" must be 1; it is 2.")]
    [InlineData("null", "the file must be one JSON object.")]
    [InlineData("""{ "core": 4 }""", "core")]
    [InlineData("""{ "cores": "four" }""", "cores")]
    [InlineData("{", "LineNumber")]
    public void A_wrong_file_names_itself_and_the_field(string json, string sentence)
    {
        var path = _tree.Write("handsets/phone/handset.json", json);

        var problem = Assert.Throws<UserException>(() => StoredHandset.Load(Repository, "phone"));
        Assert.StartsWith(Repository.Display(path) + ": ", problem.Message);
        Assert.Contains(sentence, problem.Message);
        Assert.Equal(ExitCodes.Usage, problem.ExitCode);
    }

    [Fact]
    public void An_empty_file_means_the_defaults()
    {
        _tree.Write("handsets/phone/handset.json", "{}");
        Assert.Equal(new HandsetSettings(), StoredHandset.Load(Repository, "phone").Settings);
    }
}
