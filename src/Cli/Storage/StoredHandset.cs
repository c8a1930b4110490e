using Pocketvisor.Cli.Host;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Storage;

/// <summary>A handset of the user's: a folder in <c>handsets/</c> with its hardware (<c>handset.json</c>) and its flash.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Folder">The folder.</param>
/// <param name="Settings">Its hardware.</param>
public sealed record StoredHandset(string Name, string Folder, HandsetSettings Settings)
{
    /// <summary>The handset that commands mean who name none; <c>pocket up</c> makes it.</summary>
    public const string Default = "phone";

    /// <summary>Size of a flash unless the user says otherwise.</summary>
    public static readonly StorageSize DefaultFlash = new(4L << 30);

    /// <summary>Path of its flash.</summary>
    public string FlashPath => Path.Combine(Folder, Settings.Flash);

    /// <summary>Fails unless a handset may have this name.</summary>
    /// <exception cref="UserException">It may not.</exception>
    public static void RequireName(string name)
    {
        if (!ManifestReader.IsName(name))
            throw new UserException($"A handset's name is a lower-case letter, then up to 30 lower-case letters, digits or hyphens (and not \"handset\"); \"{name}\" is not.", ExitCodes.Usage);
    }

    /// <summary>Whether there is a handset of this name.</summary>
    public static bool Exists(Repository repository, string name) =>
        ManifestReader.IsName(name) && File.Exists(Path.Combine(repository.Handsets, name, HandsetSettings.FileName));

    /// <summary>The names of all handsets.</summary>
    public static IReadOnlyList<string> Names(Repository repository) => !Directory.Exists(repository.Handsets) ? [] :
        [.. Directory.GetDirectories(repository.Handsets).Select(path => Path.GetFileName(path)!).Where(name => Exists(repository, name)).Order(StringComparer.Ordinal)];

    /// <summary>Finds a handset.</summary>
    /// <exception cref="UserException">There is none of this name, or its <c>handset.json</c> is wrong.</exception>
    public static StoredHandset Load(Repository repository, string name)
    {
        RequireName(name);
        if (!Exists(repository, name))
            throw Missing(repository, name);
        var folder = Path.Combine(repository.Handsets, name);
        return new StoredHandset(name, folder, HandsetSettings.Read(Path.Combine(Repository.Display(folder), HandsetSettings.FileName)));
    }

    /// <summary>Makes a handset with an empty flash.</summary>
    /// <exception cref="UserException">There is one of this name, or its flash could not be made.</exception>
    public static async Task<StoredHandset> CreateAsync(Repository repository, string name, HandsetSettings settings, StorageSize flash, CancellationToken cancellation)
    {
        RequireName(name);
        var folder = Path.Combine(repository.Handsets, name);
        if (Directory.Exists(folder))
            throw new UserException($"There is a handset \"{name}\" already; choose another name, or remove it with `pocket handset remove {name}`.", ExitCodes.Usage);

        // Moved into place at the end, so that a half-made handset doesn't look like one. No handset's name begins with a dot.
        var work = Path.Combine(repository.Handsets, $".{name}");
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        Directory.CreateDirectory(work);
        try
        {
            await FlashImage.CreateAsync(Path.Combine(work, settings.Flash), flash, name, cancellation);
            settings.Write(Path.Combine(work, HandsetSettings.FileName));
            Directory.Move(work, folder);
        }
        catch
        {
            Directory.Delete(work, recursive: true);
            throw;
        }
        return new StoredHandset(name, folder, settings);
    }

    /// <summary>What free room on this machine has to do with a flash of this size, if it matters; else null.</summary>
    public static string? RoomWarning(Repository repository, StorageSize flash)
    {
        var free = new DriveInfo(repository.Root).AvailableFreeSpace;
        return free >= flash.Bytes ? null
            : $"Note: the flash may grow to {StorageSize.Show(flash.Bytes)} as it fills, and this machine has {StorageSize.Show(free)} free where handsets/ lies; make room before that.";
    }

    /// <summary>Removes the handset, its flash and everything on it.</summary>
    public void Remove()
    {
        using (FlashIfThere())
            File.Delete(Path.Combine(Folder, HandsetSettings.FileName));
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The error for a name that no handset has.</summary>
    public static UserException Missing(Repository repository, string name)
    {
        var names = Names(repository);
        var advice = NearestName.Of(name, names) is { } nearest ? $"did you mean \"{nearest}\"?"
            : names.Count > 0 ? $"the handsets are {string.Join(", ", names)}; make another with `pocket handset create {name}`."
            : $"make it with `pocket handset create {name}`.";
        return new UserException($"There is no handset \"{name}\"; {advice}", ExitCodes.Usage);
    }

    private IDisposable? FlashIfThere() => File.Exists(FlashPath) ? FlashImage.Lock(FlashPath) : null;
}
