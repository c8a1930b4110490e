using Pocketvisor.Cli.Host;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Storage;

/// <summary>Profiles on this machine: the user's in <c>profiles/</c>, the samples in <c>samples/</c>, or any folder by its path.</summary>
public static class ProfileFolders
{
    /// <summary>Finds the profile that a user names: a path if it has a slash or is a folder with a manifest, else a name in <c>profiles/</c>, else in <c>samples/</c>.</summary>
    /// <exception cref="UserException">There is none.</exception>
    /// <exception cref="ProfileException">Its manifest is wrong.</exception>
    public static Profile Find(Repository repository, string text)
    {
        if (text.Contains('/', StringComparison.Ordinal) || IsProfile(text))
            return Profile.Load(Path.TrimEndingDirectorySeparator(text));
        foreach (var root in (string[])[repository.Profiles, repository.Samples])
            if (IsProfile(Path.Combine(root, text)))
                return Profile.Load(Repository.Display(Path.Combine(root, text)));
        var names = Folders(repository).Select(folder => Path.GetFileName(folder)!).Distinct().ToList();
        throw new UserException(
            $"There is no profile \"{text}\" on this PC; {(NearestName.Of(text, names) is { } nearest ? $"did you mean \"{nearest}\"?" : $"there are {string.Join(", ", names)}, or name a folder by its path, such as ./{text}.")}",
            ExitCodes.Usage);
    }

    /// <summary>The folders of the user's profiles, then of the samples.</summary>
    public static IEnumerable<string> Folders(Repository repository) =>
        new[] { repository.Profiles, repository.Samples }.Where(Directory.Exists)
            .SelectMany(root => Directory.GetDirectories(root).Order(StringComparer.Ordinal)).Where(IsProfile);

    private static bool IsProfile(string folder) => File.Exists(Path.Combine(folder, ProfileManifest.FileName));
}
