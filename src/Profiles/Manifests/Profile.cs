namespace Pocketvisor.Profiles;

/// <summary>A profile on the PC: a folder with its manifest and the files that the manifest names.</summary>
/// <param name="Folder">The folder; its name is the profile's.</param>
/// <param name="Manifest">What its <c>profile.json</c> says.</param>
public sealed record Profile(string Folder, ProfileManifest Manifest)
{
    /// <summary>Path of the kernel.</summary>
    public string KernelPath => Path.Combine(Folder, Manifest.Kernel);

    /// <summary>Path of the initrd, or null where there is none.</summary>
    public string? InitrdPath => Manifest.Initrd is null ? null : Path.Combine(Folder, Manifest.Initrd);

    /// <summary>Every file that the manifest names.</summary>
    public IEnumerable<ProfileFile> Files
    {
        get
        {
            yield return new("kernel", Manifest.Kernel, KernelPath);
            if (InitrdPath is not null)
                yield return new("initrd", Manifest.Initrd!, InitrdPath);
            foreach (var (index, disk) in Manifest.Disks.Index())
                yield return new($"disks[{index}].file", disk.File, Path.Combine(Folder, disk.File));
        }
    }

    /// <summary>Reads one profile. Whether its files exist is not looked at yet: see <see cref="RequireFiles"/>.</summary>
    /// <exception cref="ProfileException">There is no manifest, or it is wrong.</exception>
    public static Profile Load(string folder)
    {
        var path = Path.Combine(folder, ProfileManifest.FileName);
        if (!File.Exists(path))
            throw new ProfileException($"{path}: there is no such file; a profile is a folder with a {ProfileManifest.FileName}.");
        var manifest = ManifestReader.Read(path, File.ReadAllText(path));
        var folderName = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        if (manifest.Name != folderName)
            throw new ProfileException($"{path}: \"name\" must be the folder's name, \"{folderName}\"; it is \"{manifest.Name}\".");
        return new Profile(folder, manifest);
    }

    /// <summary>Reads every profile below a folder, in the order of their names, which is the order in which they start.</summary>
    /// <exception cref="ProfileException">There is no profile, or some are wrong: the problems of all of them.</exception>
    public static IReadOnlyList<Profile> LoadAll(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ProfileException($"{folder}: there is no such folder; name one that holds a folder for each profile.");
        List<Profile> profiles = [];
        List<string> problems = [];
        foreach (var path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(path, ProfileManifest.FileName)))
                continue;
            try
            {
                profiles.Add(Load(path));
            }
            catch (ProfileException e)
            {
                problems.AddRange(e.Problems);
            }
        }
        if (problems.Count == 0 && profiles.Count == 0)
            problems.Add($"{folder}: holds no profile; make a folder in it with a {ProfileManifest.FileName}.");
        return problems.Count == 0 ? profiles : throw new ProfileException(problems);
    }

    /// <summary>Makes sure that every file is there.</summary>
    /// <exception cref="ProfileException">Some are not.</exception>
    public void RequireFiles()
    {
        string[] problems =
        [
            .. from file in Files
               where !File.Exists(file.Path)
               select $"{Path.Combine(Folder, ProfileManifest.FileName)}: \"{file.Field}\" names {file.Name}, which is not in the folder; put it there.",
        ];
        if (problems.Length > 0)
            throw new ProfileException(problems);
    }
}
