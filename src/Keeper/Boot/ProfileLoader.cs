using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.BootMedium;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Profiles;

namespace Pocketvisor.Keeper.Boot;

/// <summary>Finds the profiles and gives each a slot. One that is wrong is left out, and the log says why.</summary>
public sealed class ProfileLoader
{
    private const int MaxManifest = 16 * 1024;

    private readonly Supervisor _supervisor;
    private readonly Text _error = new(256);

    // Of the flash.
    private ExFatVolume _volume;
    private FlashFiles _flashFiles;
    private readonly byte[] _manifest = new byte[MaxManifest];
    private readonly byte[] _name = new byte[Manifest.MaxName], _last = new byte[Manifest.MaxName];

    public ProfileLoader(Supervisor supervisor) => _supervisor = supervisor;

    /// <summary>Profiles that were found and are sound.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the profiles of a boot medium in memory: its folders profiles/NAME with a profile.json.</summary>
    public void LoadMedium(MemoryRange medium)
    {
        if (medium.Size == 0) return;
        var files = new MediumFiles(medium);
        var entries = new CpioArchive(files.Archive);
        while (entries.Next())
            if (entries.IsFile && TryGetProfile(entries.Name, out ReadOnlySpan<byte> name)) Add(name, entries.Data, files);
        if (entries.IsDamaged) Log.Line("the boot medium is damaged or no cpio archive; what came before is used"u8);
    }

    /// <summary>Adds the profiles on the flash, its folders NAME with a profile.json, in the order of their names.</summary>
    public void LoadFlash(ExFatVolume volume)
    {
        _volume = volume;
        _flashFiles = new FlashFiles(volume);
        int length = 0;
        while (TryFindNext(ref length))
        {
            ReadOnlySpan<byte> name = new(_last, 0, length);
            if (_flashFiles.TryFind(name, "profile.json"u8, out FileNode manifest)) Add(name, Read(manifest), _flashFiles);
        }
    }

    /// <summary>A folder on the flash came, changed or went. Its profile is off.</summary>
    /// <returns>Whether there is such a profile now.</returns>
    public bool Reload(ReadOnlySpan<byte> name)
    {
        if (_supervisor.Find(name) is { } old) old.MoveOut();
        return _flashFiles.TryFind(name, "profile.json"u8, out FileNode manifest) && Add(name, Read(manifest), _flashFiles);
    }

    // The least name behind the last one: folders have no order, and there are few.
    private bool TryFindNext(ref int length)
    {
        int best = 0;
        var cursor = new FolderCursor(_volume.Root);
        FlashStatus status;
        while ((status = _volume.Next(ref cursor, out FileNode node)) == FlashStatus.Ok)
        {
            ReadOnlySpan<byte> name = _volume.LastName;
            if (!node.IsFolder || !Manifest.IsName(name) || Bytes.Compare(name, new ReadOnlySpan<byte>(_last, 0, length)) <= 0) continue;
            if (best != 0 && Bytes.Compare(name, new ReadOnlySpan<byte>(_name, 0, best)) >= 0) continue;
            best = name.Length;
            name.CopyTo(_name);
        }
        if (status != FlashStatus.NotFound)
        {
            Log.Begin().Add("the flash cannot be read to its end: "u8).AddUntrusted(_volume.Problem);
            Log.End();
            return false;
        }
        new ReadOnlySpan<byte>(_name, 0, best).CopyTo(_last);
        length = best;
        return best != 0;
    }

    // What is too long or cannot be read is no manifest, and the reader says so.
    private ReadOnlySpan<byte> Read(in FileNode manifest)
    {
        if (manifest.Length > MaxManifest) return default;
        Span<byte> json = new(_manifest, 0, (int)manifest.Length);
        return _volume.Read(manifest, 0, json) == FlashStatus.Ok ? json : default;
    }

    // profiles/NAME/profile.json → NAME
    private static bool TryGetProfile(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!Bytes.StartWith(path, MediumFiles.Root)) return false;
        path = path.Slice(MediumFiles.Root.Length);
        int slash = Bytes.IndexOf(path, (byte)'/');
        if (slash <= 0 || !Bytes.Equal(path.Slice(slash + 1), "profile.json"u8)) return false;
        name = path.Slice(0, slash);
        return true;
    }

    private bool Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, ProfileFiles files)
    {
        _error.Clear();
        Profile slot = _supervisor.Find(name) == null ? _supervisor.FindSlot() : null;
        if (slot == null) _error.Add("there are more than 16 profiles, or two of this name"u8);
        else if (slot.TryMoveIn(json, name, files, _error))
        {
            Count++;
            return true;
        }
        Log.Begin().AddUntrusted(name).Add(": left out: "u8).AddUntrusted(_error.Bytes);
        Log.End();
        return false;
    }
}
