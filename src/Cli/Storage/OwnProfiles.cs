using Pocketvisor.Cli.Host;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Storage;

/// <summary>The user's own profiles: <c>profiles/</c>.</summary>
public static class OwnProfiles
{
    /// <summary>Fails unless a profile may have this name and none has it.</summary>
    /// <exception cref="UserException">It is no name, or taken.</exception>
    public static void RequireFree(Repository repository, string name)
    {
        if (!ManifestReader.IsName(name))
            throw new UserException($"A profile's name is a lower-case letter, then up to 30 lower-case letters, digits or hyphens (and not \"handset\"); \"{name}\" is not.", ExitCodes.Usage);
        if (Directory.Exists(Path.Combine(repository.Profiles, name)))
            throw new UserException($"There is a profile \"{name}\" already; choose another name, or remove it with `pocket profile remove {name}`.", ExitCodes.Usage);
    }

    /// <summary>Makes a profile.</summary>
    /// <param name="repository">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="fill">Makes the files in an empty folder of this name. The profile is there only when this is done.</param>
    /// <exception cref="UserException">It is no name, or taken.</exception>
    public static async Task<Profile> CreateAsync(Repository repository, string name, Func<string, Task> fill)
    {
        RequireFree(repository, name);
        var work = Directory.CreateDirectory(Path.Combine(repository.Profiles, $".new-{name}"));
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(work.FullName, name)).FullName;
            await fill(folder);
            Directory.Move(folder, Path.Combine(repository.Profiles, name));
        }
        finally
        {
            work.Delete(recursive: true);
        }
        return Profile.Load(Repository.Display(Path.Combine(repository.Profiles, name)));
    }

    /// <summary>The folder of a profile.</summary>
    /// <exception cref="UserException">There is none of this name.</exception>
    public static string Folder(Repository repository, string name)
    {
        var folder = Path.Combine(repository.Profiles, name);
        if (ManifestReader.IsName(name) && Directory.Exists(folder))
            return folder;
        var names = ProfileFolders.Folders(repository).Where(path => Path.GetDirectoryName(path) == repository.Profiles).Select(path => Path.GetFileName(path)!).ToList();
        throw new UserException($"There is no profile \"{name}\" in profiles/{(names.Count > 0 ? $"; there are {string.Join(", ", names)}" : "")}; name the handset with --on if you mean one there.", ExitCodes.Usage);
    }
}
