using Pocketvisor.Cli.Storage;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Tests;

public sealed class ProfileFoldersTests : IDisposable
{
    private readonly TemporaryRepository _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_users_own_profile_comes_before_a_sample_and_a_path_before_both()
    {
        var sample = Profile("samples", "work");
        Assert.Equal(sample, Find("work"));

        var own = Profile("profiles", "work");
        Assert.Equal(own, Find("work"));

        var elsewhere = Profile("elsewhere", "work");
        Assert.Equal(elsewhere, Find(elsewhere));
        Assert.Equal(elsewhere, Find(elsewhere + "/"));
        Assert.Equal([own, sample], ProfileFolders.Folders(_tree.Repository));
    }

    [Theory]
    [InlineData("wrok", "There is no profile \"wrok\" on this PC; did you mean \"work\"?")]
    [InlineData("laboratory", "There is no profile \"laboratory\" on this PC; there are work, or name a folder by its path, such as ./laboratory.")]
    public void A_wrong_name_gets_advice(string name, string sentence)
    {
        Profile("samples", "work");
        var problem = Assert.Throws<UserException>(() => Find(name));
        Assert.Equal((sentence, ExitCodes.Usage), (problem.Message, problem.ExitCode));
    }

    [Fact]
    public void A_path_without_a_manifest_is_refused_as_a_profile() =>
        Assert.Contains("a profile is a folder with a profile.json", Assert.Throws<ProfileException>(() => Find("./nowhere")).Message);

    private string Find(string text) => Path.GetFullPath(ProfileFolders.Find(_tree.Repository, text).Folder);

    private string Profile(string root, string name) =>
        Path.GetDirectoryName(_tree.Write($"{root}/{name}/profile.json", $$"""{ "version": 1, "name": "{{name}}", "memory": "2M", "kernel": "k" }"""))!;
}
