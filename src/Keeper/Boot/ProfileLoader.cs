using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.BootMedium;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Profiles;

namespace Pocketvisor.Keeper.Boot;

/// <summary>Finds the profiles on the boot medium: its folders profiles/NAME with a profile.json.</summary>
public sealed class ProfileLoader
{
    private readonly MemoryRange _medium;
    private readonly Supervisor _supervisor;
    private readonly Doorbell _doorbell;
    private readonly Clock _clock;
    private readonly RandomPool _random;
    private readonly Text _error = new(256);

    public ProfileLoader(MemoryRange medium, Supervisor supervisor, Doorbell doorbell, Clock clock, RandomPool random)
    {
        _medium = medium;
        _supervisor = supervisor;
        _doorbell = doorbell;
        _clock = clock;
        _random = random;
    }

    /// <summary>Adds every sound profile to the supervisor; for others, the log says what is wrong.</summary>
    public void Load()
    {
        ReadOnlySpan<byte> medium = Memory.At(_medium.Start, (int)Math.Min(_medium.Size, int.MaxValue));
        var entries = new CpioArchive(medium);
        while (entries.Next())
        {
            if (!entries.IsFile || !TryGetFolder(entries.Name, out ReadOnlySpan<byte> folder)) continue;
            if (_supervisor.ProfileCount == ProfileLimits.MaxProfiles) _error.Clear().Add("left out: there are more than 16 profiles"u8);
            else if (TryAdd(medium, folder, entries.Data)) continue;
            Log.Begin().AddUntrusted(entries.Name).Add(": "u8).AddUntrusted(_error.Bytes);
            Log.End();
        }
        if (!entries.IsDamaged) return;
        Log.Line(medium.IsEmpty ? "there is no boot medium"u8 : "the boot medium is damaged or no cpio archive; what came before is used"u8);
    }

    // profiles/NAME/profile.json → profiles/NAME/
    private static bool TryGetFolder(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> folder)
    {
        ReadOnlySpan<byte> root = "profiles/"u8, file = "profile.json"u8;
        folder = default;
        if (!Bytes.StartWith(path, root)) return false;
        int slash = Bytes.IndexOf(path.Slice(root.Length), (byte)'/');
        if (slash <= 0 || !Bytes.Equal(path.Slice(root.Length + slash + 1), file)) return false;
        folder = path.Slice(0, root.Length + slash + 1);
        return true;
    }

    private bool TryAdd(ReadOnlySpan<byte> medium, ReadOnlySpan<byte> folder, ReadOnlySpan<byte> json)
    {
        _error.Clear();
        var manifest = new Manifest();
        if (!manifest.TryRead(json, _error)) return false;
        ReadOnlySpan<byte> name = folder.Slice("profiles/"u8.Length);
        if (!Bytes.Equal(manifest.Name, name.Slice(0, name.Length - 1)))
        {
            _error.Add("name: must be the folder's name"u8);
            return false;
        }
        MemoryRange initrd = default;
        if (!TryFind(medium, folder, "kernel"u8, manifest.Kernel, out MemoryRange kernel)) return false;
        if (!manifest.Initrd.IsEmpty && !TryFind(medium, folder, "initrd"u8, manifest.Initrd, out initrd)) return false;
        _supervisor.Add(new Profile(_supervisor.ProfileCount, manifest, kernel, initrd, _supervisor, _doorbell, _clock, _random));
        return true;
    }

    private bool TryFind(ReadOnlySpan<byte> medium, ReadOnlySpan<byte> folder, ReadOnlySpan<byte> field, ReadOnlySpan<byte> file, out MemoryRange range)
    {
        bool found = CpioArchive.TryFind(medium, folder, file, out int offset, out int length);
        range = found ? new MemoryRange(_medium.Start + (ulong)offset, (ulong)length) : default;
        if (!found) _error.Add(field).Add(": the profile's folder has no file \""u8).Add(file).Add("\""u8);
        return found;
    }
}
