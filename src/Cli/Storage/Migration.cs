using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Storage;

/// <summary>Moves a profile from one handset to another, by way of a folder in <c>.pocket/</c>. Either may be off or up.</summary>
/// <param name="repository">Has the folder.</param>
/// <param name="from">Has the profile.</param>
/// <param name="to">Shall have it.</param>
public sealed class Migration(Repository repository, HandsetProfiles from, HandsetProfiles to)
{
    /// <summary>Does it. The old handset's copy goes last.</summary>
    /// <exception cref="UserException">The profile is not where it should be, or runs, or the new handset has one of this name.</exception>
    /// <exception cref="Handsets.HandsetException">A handset refused, or a file changed on its way.</exception>
    public async Task RunAsync(string profile, bool keep, CancellationToken cancellation)
    {
        await from.FindOffAsync(profile, "moved", cancellation);
        if ((await to.ListAsync(cancellation)).Profiles.Any(each => each.Name == profile && !each.IsUnfinished))
            throw new UserException($"{profile} is on {to.Handset} already; remove it there with `pocket profile remove {profile} --on {to.Handset}`, or leave it.");

        // What an earlier attempt has brought here completely may be older than what the handset has now; what came in part, the pull compares.
        var work = Path.Combine(repository.State, "migrate", $"{from.Handset}-{to.Handset}");
        var folder = Path.Combine(work, profile);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(work);
        await TransferScreen.RunAsync($"Copying {profile} from {from.Handset}", progress => from.PullAsync(profile, work, progress, cancellation));
        var files = Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).ToList();
        await TransferScreen.RunAsync($"Copying {profile} to {to.Handset}", progress => to.PushAsync(profile, folder, files, replace: false, progress, cancellation));
        Directory.Delete(work, recursive: true);
        if (!keep)
            await from.RemoveAsync(profile, unfinished: false, cancellation);
    }
}
