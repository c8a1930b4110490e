namespace Pocketvisor.Profiles.Tests;

public sealed class ProfileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocket-profiles-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Profiles_come_in_the_order_of_their_names_and_other_folders_do_not_matter()
    {
        Add("work", "work");
        Add("personal", "personal");
        _folder.CreateSubdirectory("notes");

        Assert.Equal(["personal", "work"], Profile.LoadAll(_folder.FullName).Select(profile => profile.Manifest.Name));
    }

    [Fact]
    public void A_copied_folder_must_be_renamed_inside_too()
    {
        Add("second", "work");

        var problem = Assert.Single(Assert.Throws<ProfileException>(() => Profile.LoadAll(_folder.FullName)).Problems);
        Assert.EndsWith("second/profile.json: \"name\" must be the folder's name, \"second\"; it is \"work\".", problem);
    }

    [Fact]
    public void A_missing_kernel_is_named()
    {
        Add("work", "work");

        var problem = Assert.Single(Assert.Throws<ProfileException>(() => BootMedium.Pack(Profile.LoadAll(_folder.FullName)).ToList()).Problems);
        Assert.EndsWith("work/profile.json: \"kernel\" names Image, which is not in the folder; put it there.", problem);
    }

    [Fact]
    public void A_folder_without_profiles_is_refused()
    {
        Assert.Contains("holds no profile", Assert.Throws<ProfileException>(() => Profile.LoadAll(_folder.FullName)).Message);
        Assert.Contains("no such folder", Assert.Throws<ProfileException>(() => Profile.LoadAll(_folder.FullName + "/x")).Message);
    }

    private void Add(string folder, string name) => File.WriteAllText(
        Path.Combine(_folder.CreateSubdirectory(folder).FullName, "profile.json"), $$"""{ "version": 1, "name": "{{name}}", "memory": "64M", "kernel": "Image" }""");
}
