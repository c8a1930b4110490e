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
    public void Every_missing_file_is_named()
    {
        var folder = _folder.CreateSubdirectory("work").FullName;
        var manifest = new ProfileManifest { Name = "work", Memory = new MemorySize(64 << 20), Kernel = "Image", Disks = [new("root.img", true), new("home.img", false)] };
        File.WriteAllText(Path.Combine(folder, "profile.json"), manifest.ToFile());
        File.WriteAllText(Path.Combine(folder, "root.img"), "");
        var profile = Profile.Load(folder);

        Assert.Equal(["Image", "root.img", "home.img"], profile.Files.Select(file => file.Name));
        Assert.Equal(["\"kernel\" names Image", "\"disks[1].file\" names home.img"], Assert.Throws<ProfileException>(profile.RequireFiles).Problems.Select(
            problem => problem.Split(": ")[1].Split(',')[0]));
    }

    /// <summary>FIPS 180-4's example "abc". A disk that is written changes, and so has no digest.</summary>
    [Fact]
    public void Digests_are_of_what_never_changes()
    {
        var manifest = new ProfileManifest { Name = "work", Memory = new MemorySize(64 << 20), Kernel = "Image", Disks = [new("base.img", true), new("home.img", false)] };
        foreach (var file in manifest.Files)
            File.WriteAllText(Path.Combine(_folder.FullName, file), "abc");

        const string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        Assert.Equal([("Image", abc), ("base.img", abc)], manifest.WithDigests(_folder.FullName).Sha256.Select(file => (file.Key, file.Value)));
    }

    [Fact]
    public void A_written_manifest_is_laid_out_for_people()
    {
        var text = new ProfileManifest { Name = "work", Memory = new MemorySize(64 << 20), Kernel = "Image", Disks = [new("root.img", false)] }.ToFile();

        Assert.StartsWith("{\n  \"version\": 2,\n  \"name\": \"work\",\n", text);
        Assert.Contains("  \"disks\": [\n    {\n      \"file\": \"root.img\",\n      \"readOnly\": false\n    }\n  ],\n", text);
        Assert.EndsWith("}\n", text);
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
