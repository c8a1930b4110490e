using Pocketvisor.Cli.Screen;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Storage;

/// <summary>
/// Brings profiles onto a handset's flash before it starts: those that are not there, and those that changed. One that has a disk to write to
/// is never replaced, because what its owner did with it is on that disk.
/// </summary>
/// <param name="handset">The handset, which is off.</param>
/// <param name="note">Gets a sentence about each profile that changed and is left alone.</param>
public sealed class FlashUpdate(StoredHandset handset, Action<string> note)
{
    /// <summary>Does it.</summary>
    /// <exception cref="UserException">The flash is in use.</exception>
    /// <exception cref="HandsetException">It is damaged, or full.</exception>
    public async Task RunAsync(IReadOnlyList<Profile> profiles, CancellationToken cancellation)
    {
        if (profiles.Count == 0)
            return;
        await using var flash = new ImageProfiles(handset);
        var there = (await flash.ListAsync(cancellation)).Profiles.Where(profile => !profile.IsUnfinished).Select(profile => profile.Name).ToHashSet();
        foreach (var profile in profiles)
        {
            var name = profile.Manifest.Name;
            if (!there.Contains(name))
                await PushAsync(flash, profile, replace: false, cancellation);
            else if (await flash.Store.HasSameAsync(name, profile.Folder, Compared(profile), cancellation))
                continue;
            else if (profile.Manifest.Disks.Any(disk => !disk.ReadOnly))
                note($"Note: {profile.Folder} is not the {name} on {handset.Name} any more. That one has a disk of its own and is left alone; `pocket push {profile.Folder} {handset.Name} --replace` replaces it, disk and all.");
            else
                await PushAsync(flash, profile, replace: true, cancellation);
        }
    }

    // Disks that are written to differ anyway.
    private static IEnumerable<string> Compared(Profile profile) =>
        ProfileReadiness.FileNames(profile).Except(profile.Manifest.Disks.Where(disk => !disk.ReadOnly).Select(disk => disk.File));

    private Task PushAsync(ImageProfiles flash, Profile profile, bool replace, CancellationToken cancellation) =>
        TransferScreen.RunAsync($"Bringing {profile.Manifest.Name} to {handset.Name}", progress =>
            flash.PushAsync(profile.Manifest.Name, profile.Folder, ProfileReadiness.FileNames(profile), replace, progress, cancellation));
}
