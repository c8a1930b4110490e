using System.Security.Cryptography;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Storage;

/// <summary>Makes sure, before a profile leaves this PC, that it is one that a handset would start.</summary>
public static class ProfileReadiness
{
    /// <summary>Gives the profiles Debian's files that they ask for, and checks that all of their files are there and are those that the manifests mean.</summary>
    /// <exception cref="ProfileException">They are not.</exception>
    public static async Task EnsureAsync(Repository repository, Steps steps, IReadOnlyList<Profile> profiles, CancellationToken cancellation)
    {
        await new GuestPreparation(repository, steps).PrepareAsync(profiles, cancellation);
        foreach (var profile in profiles)
        {
            profile.RequireFiles();
            RequireDigests(profile);
        }
    }

    /// <summary>The names of all its files, the manifest first.</summary>
    public static IReadOnlyList<string> FileNames(Profile profile) => [ProfileManifest.FileName, .. profile.Manifest.Files.Distinct()];

    // The handset would refuse it, too, but only when it starts there.
    private static void RequireDigests(Profile profile)
    {
        List<string> problems = [];
        foreach (var file in profile.Files.DistinctBy(file => file.Name))
        {
            if (!profile.Manifest.Sha256.TryGetValue(file.Name, out var wanted))
                continue;
            using var stream = File.OpenRead(file.Path);
            var digest = Convert.ToHexStringLower(SHA256.HashData(stream));
            if (digest != wanted)
                problems.Add($"{Path.Combine(profile.Folder, ProfileManifest.FileName)}: \"sha256\" of {file.Name} is not that of the file; put the right file there, or, if you changed it, write {digest}.");
        }
        if (problems.Count > 0)
            throw new ProfileException(problems);
    }
}
