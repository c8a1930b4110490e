using System;

namespace Pocketvisor.Flash;

/// <summary>
/// The profiles on a handset's flash: a folder each at the root of its volume. For the keeper, and for the PC while the handset is off.
/// One thread.
/// </summary>
/// <remarks>
/// Wherever the power fails, a profile is the old one or the new one, because folders are renamed, and each rename is flushed before the
/// next step:
/// <code>
///   push      NAME.part grows ─▶ NAME.new   from here on the new one counts
///   finish    NAME.new and NAME:          NAME ─▶ NAME.gone
///             NAME.new and no NAME:       NAME.new ─▶ NAME
///             NAME.gone:                  is deleted, a file at a time
///   remove    NAME ─▶ NAME.gone, then as above
/// </code>
/// What is to be done next can be read off the volume, so a cut is made good by doing the same again: <see cref="CleanUp"/>.
/// </remarks>
public sealed class ProfileStore
{
    // Nobody has deeper trees in a profile; a volume that does, lies.
    private const int MaxDepth = 32;

    private readonly byte[] _folderName = new byte[ProfileNames.MaxProfile + 8];
    private readonly byte[] _found = new byte[ProfileNames.MaxProfile];
    private int _foundLength;

    public ProfileStore(ExFatVolume volume) => Volume = volume;

    /// <summary>It has been mounted before anything here is called.</summary>
    public ExFatVolume Volume { get; }

    /// <summary>The name of what <see cref="Next"/> found. Valid until the next call.</summary>
    public ReadOnlySpan<byte> FoundName => new(_found, 0, _foundLength);

    /// <summary>A place before the first profile.</summary>
    public FolderCursor Begin() => new(Volume.Root);

    /// <summary>Looks at one more folder or file at the root.</summary>
    /// <param name="cursor">Starts at <see cref="Begin"/>.</param>
    /// <param name="kind">What it is; <see cref="FoundName"/> is its profile's name.</param>
    /// <returns><see cref="FlashStatus.NotFound"/> at the end.</returns>
    public FlashStatus Next(ref FolderCursor cursor, out FileNode folder, out StoredKind kind)
    {
        kind = StoredKind.None;
        FlashStatus status = NextWhole(ref cursor, out folder);
        if (status != FlashStatus.Ok || !folder.IsFolder) return status;
        ReadOnlySpan<byte> name = Volume.LastName;
        if (ProfileNames.IsProfile(name)) kind = StoredKind.Profile;
        else if (ProfileNames.HasEnding(name, ProfileNames.Part, out name)) kind = StoredKind.Unfinished;
        else return FlashStatus.Ok;
        Remember(name);
        if (kind == StoredKind.Unfinished) return FlashStatus.Ok;

        // One whose manifest can't be looked up is a profile too: whoever reads it will say what is wrong, and the others still come.
        status = Volume.Find(folder, ProfileNames.Manifest, out FileNode manifest);
        if (status == FlashStatus.NotFound || manifest.IsFolder) kind = StoredKind.None;
        return FlashStatus.Ok;
    }

    /// <summary>A profile's folder.</summary>
    public FlashStatus Find(ReadOnlySpan<byte> name, out FileNode profile) => Find(name, default, out profile);

    /// <summary>The folder of a push that was begun and not committed.</summary>
    public FlashStatus FindPart(ReadOnlySpan<byte> name, out FileNode part) => Find(name, ProfileNames.Part, out part);

    /// <summary>A profile's file.</summary>
    public FlashStatus Open(ReadOnlySpan<byte> name, ReadOnlySpan<byte> file, out FileNode node)
    {
        node = default;
        if (!ProfileNames.IsFile(file)) return FlashStatus.BadName;
        FlashStatus status = Find(name, out FileNode folder);
        if (status != FlashStatus.Ok) return status;
        status = Volume.Find(folder, file, out node);
        return status == FlashStatus.Ok && node.IsFolder ? FlashStatus.WrongKind : status;
    }

    /// <summary>One more step of removing a profile; from the first one that is done, it is gone for whoever loads profiles.</summary>
    /// <param name="done">Nothing of it is left.</param>
    public FlashStatus Remove(ReadOnlySpan<byte> name, out bool done)
    {
        FlashStatus status = Finish(name, out done);
        if (status != FlashStatus.Ok || !done) return status;
        status = Find(name, out FileNode profile);
        if (status != FlashStatus.Ok) return status == FlashStatus.NotFound ? FlashStatus.Ok : status;
        done = false;
        return Rename(profile, name, ProfileNames.Gone);
    }

    /// <summary>One more step of deleting what an uncommitted push left.</summary>
    public FlashStatus Abandon(ReadOnlySpan<byte> name, out bool done)
    {
        FlashStatus status = FindPart(name, out FileNode part);
        done = status == FlashStatus.NotFound;
        if (done) return FlashStatus.Ok;
        return status == FlashStatus.Ok ? DeletePiece(part) : status;
    }

    /// <summary>One more step of what was begun with a profile and can't be undone: see the remarks.</summary>
    public FlashStatus Finish(ReadOnlySpan<byte> name, out bool done)
    {
        done = false;
        FileNode gone = default, old = default;
        bool hasGone = false, hasOld = false;
        FlashStatus status = TryFind(name, ProfileNames.New, out FileNode pushed, out bool hasNew);
        if (status == FlashStatus.Ok) status = TryFind(name, ProfileNames.Gone, out gone, out hasGone);
        if (status == FlashStatus.Ok) status = TryFind(name, default, out old, out hasOld);
        if (status != FlashStatus.Ok) return status;
        if (hasNew && !hasOld) return Rename(pushed, name, default);
        if (hasNew && !hasGone) return Rename(old, name, ProfileNames.Gone);
        if (hasGone) return DeletePiece(gone);
        done = true;
        return FlashStatus.Ok;
    }

    /// <summary>After mounting, one step: finishes what a cut has left half done. Pushes that were not committed stay, to be continued.</summary>
    /// <param name="done">There is nothing (more) to do.</param>
    public FlashStatus CleanUp(out bool done)
    {
        done = false;
        FolderCursor cursor = Begin();
        while (true)
        {
            FlashStatus status = NextWhole(ref cursor, out FileNode node);
            done = status == FlashStatus.NotFound;
            if (done) return FlashStatus.Ok;
            if (status != FlashStatus.Ok) return status;
            if (!node.IsFolder) continue;
            if (!ProfileNames.HasEnding(Volume.LastName, ProfileNames.New, out ReadOnlySpan<byte> name)
                && !ProfileNames.HasEnding(Volume.LastName, ProfileNames.Gone, out name)) continue;
            Remember(name);
            return Finish(FoundName, out _);
        }
    }

    /// <summary>From now on the push counts, even if the power fails; <see cref="Finish"/> until it is done.</summary>
    internal FlashStatus Decide(ReadOnlySpan<byte> name)
    {
        FlashStatus status = FindPart(name, out FileNode part);
        if (status != FlashStatus.Ok) return status;
        status = Volume.Flush(); // its files first
        return status == FlashStatus.Ok ? Rename(part, name, ProfileNames.New) : status;
    }

    internal FlashStatus FindOrCreatePart(ReadOnlySpan<byte> name, out FileNode part)
    {
        FlashStatus status = FindPart(name, out part);
        return status == FlashStatus.NotFound ? Volume.CreateFolder(Volume.Root, FolderName(name, ProfileNames.Part), out part) : status;
    }

    /// <summary>What is damaged is passed by, so that it doesn't take the others with it.</summary>
    private FlashStatus NextWhole(ref FolderCursor cursor, out FileNode node)
    {
        while (true)
        {
            uint before = cursor.Offset;
            FlashStatus status = Volume.Next(ref cursor, out node);
            if (status != FlashStatus.Damaged || cursor.Offset == before) return status;
        }
    }

    private void Remember(ReadOnlySpan<byte> name)
    {
        name.CopyTo(_found);
        _foundLength = name.Length;
    }

    private FlashStatus TryFind(ReadOnlySpan<byte> name, ReadOnlySpan<byte> ending, out FileNode folder, out bool found)
    {
        FlashStatus status = Find(name, ending, out folder);
        found = status == FlashStatus.Ok;
        return status == FlashStatus.NotFound ? FlashStatus.Ok : status;
    }

    private FlashStatus Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> ending, out FileNode folder)
    {
        folder = default;
        if (!ProfileNames.IsProfile(name)) return FlashStatus.BadName;
        FlashStatus status = Volume.Find(Volume.Root, FolderName(name, ending), out folder);
        return status == FlashStatus.Ok && !folder.IsFolder ? FlashStatus.WrongKind : status;
    }

    private FlashStatus Rename(FileNode folder, ReadOnlySpan<byte> name, ReadOnlySpan<byte> ending)
    {
        FlashStatus status = Volume.Rename(ref folder, Volume.Root, FolderName(name, ending));
        return status == FlashStatus.Ok ? Volume.Flush() : status;
    }

    /// <summary>Deletes one file or one empty folder: the first that it comes to on the way down.</summary>
    private FlashStatus DeletePiece(FileNode folder)
    {
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            FolderCursor cursor = new(folder);
            FlashStatus status = Volume.Next(ref cursor, out FileNode first);
            if (status == FlashStatus.NotFound)
            {
                status = Volume.Delete(folder);
                return status == FlashStatus.Ok ? Volume.Flush() : status;
            }

            if (status != FlashStatus.Ok) return status;
            if (!first.IsFolder) return Volume.Delete(first);
            folder = first;
        }

        return FlashStatus.Damaged;
    }

    private ReadOnlySpan<byte> FolderName(ReadOnlySpan<byte> name, ReadOnlySpan<byte> ending)
    {
        name.CopyTo(_folderName);
        ending.CopyTo(new Span<byte>(_folderName, name.Length, ending.Length));
        return new ReadOnlySpan<byte>(_folderName, 0, name.Length + ending.Length);
    }
}
