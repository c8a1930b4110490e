using System;

namespace Pocketvisor.Flash;

/// <summary>
/// One push into a <see cref="ProfileStore"/>, which is invisible to those who load profiles until it is committed. Whoever stops in the
/// middle may begin again later, and finds what has come so far.
/// </summary>
public sealed class ProfilePush
{
    private readonly ProfileStore _store;
    private readonly byte[] _name = new byte[ProfileNames.MaxProfile];
    private readonly byte[] _zeros = new byte[BlockDevice.SectorBytes];
    private int _nameLength;
    private bool _replace;
    private FileNode _folder;
    private FileNode _file;

    public ProfilePush(ProfileStore store) => _store = store;

    /// <summary>Between <see cref="Begin"/> and <see cref="Commit"/> or <see cref="Leave"/>.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Between <see cref="BeginFile"/> and <see cref="EndFile"/>.</summary>
    public bool HasFile { get; private set; }

    public ReadOnlySpan<byte> Name => new(_name, 0, _nameLength);

    /// <summary>The folder that is filled.</summary>
    public FileNode Folder => _folder;

    /// <summary>Of the file that has been begun.</summary>
    public ulong Length => _file.Length;

    /// <summary>How much of it is there.</summary>
    public ulong At { get; private set; }

    /// <summary>Begins a push, or goes on with one that was left.</summary>
    /// <param name="replace">Whether the profile may be there already.</param>
    public FlashStatus Begin(ReadOnlySpan<byte> name, bool replace)
    {
        Leave();
        FlashStatus status = _store.Find(name, out _);
        if (status == FlashStatus.Ok && !replace) return FlashStatus.Exists;
        if (status is not (FlashStatus.Ok or FlashStatus.NotFound)) return status;
        status = _store.FindOrCreatePart(name, out _folder);
        if (status != FlashStatus.Ok) return status;
        name.CopyTo(_name);
        _nameLength = name.Length;
        _replace = replace;
        IsOpen = true;
        return FlashStatus.Ok;
    }

    /// <summary>Deletes a file of an earlier attempt that the profile doesn't have any more.</summary>
    public FlashStatus Drop(ReadOnlySpan<byte> file)
    {
        if (!IsOpen || HasFile) return FlashStatus.WrongKind;
        FlashStatus status = Find(file, out FileNode node);
        return status == FlashStatus.Ok ? _store.Volume.Delete(node) : status;
    }

    /// <summary>Begins a file, or goes on with it: at <see cref="At"/>, where whole blocks of an earlier attempt end.</summary>
    /// <param name="length">Bytes. A file that is there with another length starts anew.</param>
    /// <param name="anew">Start anew in any case.</param>
    public FlashStatus BeginFile(ReadOnlySpan<byte> file, ulong length, bool anew)
    {
        if (!IsOpen || HasFile) return FlashStatus.WrongKind;
        FlashStatus status = Find(file, out _file);
        if (status == FlashStatus.Ok && (anew || _file.Length != length))
        {
            status = _store.Volume.Delete(_file);
            if (status == FlashStatus.Ok) status = FlashStatus.NotFound;
        }

        if (status == FlashStatus.NotFound) status = _store.Volume.CreateFile(_folder, file, length, out _file);
        if (status != FlashStatus.Ok) return status;
        At = _file.ValidLength == length ? length : _file.ValidLength - _file.ValidLength % ContentDigest.BlockBytes;
        HasFile = true;
        return FlashStatus.Ok;
    }

    /// <summary>Reads what is there already.</summary>
    public FlashStatus Read(ulong offset, Span<byte> data) =>
        HasFile && offset <= At && (ulong)data.Length <= At - offset ? _store.Volume.Read(_file, offset, data) : FlashStatus.OutOfRange;

    public FlashStatus Append(ReadOnlySpan<byte> data)
    {
        if (!HasFile || (ulong)data.Length > _file.Length - At) return FlashStatus.OutOfRange;
        FlashStatus status = _store.Volume.Write(ref _file, At, data);
        if (status == FlashStatus.Ok) At += (ulong)data.Length;
        return status;
    }

    public FlashStatus AppendZeros(ulong count)
    {
        if (!HasFile || count > _file.Length - At) return FlashStatus.OutOfRange;
        if (count == 0) return FlashStatus.Ok;
        // Not MakeValid, which waits for the flash each time: a write makes zeros of all that it skips.
        int last = (int)Math.Min(count, (ulong)_zeros.Length);
        FlashStatus status = _store.Volume.Write(ref _file, At + count - (ulong)last, new ReadOnlySpan<byte>(_zeros, 0, last));
        if (status == FlashStatus.Ok) At += count;
        return status;
    }

    /// <summary>The file is as it should be, or won't be continued for now.</summary>
    public void EndFile() => HasFile = false;

    /// <summary>
    /// Lets the push count. Then <see cref="ProfileStore.Finish"/> makes it the profile.
    /// </summary>
    /// <returns><see cref="FlashStatus.NotFound"/> if there is no manifest, <see cref="FlashStatus.OutOfRange"/> if a file is incomplete.</returns>
    public FlashStatus Commit()
    {
        if (!IsOpen || HasFile) return FlashStatus.WrongKind;
        FlashStatus status = _store.Find(Name, out _);
        if (status == FlashStatus.Ok && !_replace) return FlashStatus.Exists;
        if (status is not (FlashStatus.Ok or FlashStatus.NotFound)) return status;
        status = Find(ProfileNames.Manifest, out _);
        if (status == FlashStatus.Ok) status = _store.Volume.Flush(); // then the folder tells how much of its files is there
        if (status != FlashStatus.Ok) return status;
        FolderCursor cursor = new(_folder);
        while ((status = _store.Volume.Next(ref cursor, out FileNode node)) == FlashStatus.Ok)
            if (node.IsFolder || node.ValidLength != node.Length) return FlashStatus.OutOfRange;
        if (status != FlashStatus.NotFound) return status;
        status = _store.Decide(Name);
        if (status == FlashStatus.Ok) Leave();
        return status;
    }

    /// <summary>Stops here. What has come stays, to be continued or abandoned.</summary>
    public void Leave() => IsOpen = HasFile = false;

    private FlashStatus Find(ReadOnlySpan<byte> file, out FileNode node)
    {
        node = default;
        if (!ProfileNames.IsFile(file)) return FlashStatus.BadName;
        FlashStatus status = _store.Volume.Find(_folder, file, out node);
        return status == FlashStatus.Ok && node.IsFolder ? FlashStatus.WrongKind : status;
    }
}
