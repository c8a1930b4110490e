using System;

namespace Pocketvisor.Flash;

/// <summary>
/// The directory entries of a file or folder. Microsoft's exFAT specification, "File Directory Entry", "Stream Extension Directory Entry"
/// and "File Name Directory Entry".
/// </summary>
/// <remarks>
/// <code>
///   File   │ Stream extension │ Name │ … │ Vendor extension …
///   0x85   │ 0xC0             │ 0xC1 │   │ 0xE0 to 0xFF, "benign": kept as they are
/// </code>
/// Each is 32 bytes. The file entry counts the others and has the checksum of all.
/// </remarks>
internal sealed class EntrySet
{
    public const int EntryBytes = 32, MaxEntries = 256;
    public const byte File = 0x85, Stream = 0xC0, FileName = 0xC1, InUse = 0x80;

    private const byte BenignSecondary = 0xE0;
    private const int UnitsPerEntry = 15;
    private const ushort Directory = 0x10, Archive = 0x20;
    private const byte AllocationPossible = 1, NoFatChain = 2;

    // of the file entry
    private const int SecondaryCount = 1, SetChecksum = 2, Attributes = 4, Created = 8, Modified = 12, Accessed = 16, CreatedZone = 22, ModifiedZone = 23, AccessedZone = 24;

    // of the stream extension, from the start of the set
    private const int Flags = 33, NameLength = 35, NameHashField = 36, ValidDataLength = 40, FirstClusterField = 52, DataLength = 56;

    private readonly byte[] _bytes = new byte[MaxEntries * EntryBytes];

    public int Count { get; private set; }

    public Span<byte> Bytes => new(_bytes, 0, Count * EntryBytes);

    public Name Name { get; } = new();

    public bool IsFolder => (LittleEndian.ReadU16(_bytes, Attributes) & Directory) != 0;

    public bool IsContiguous => (_bytes[Flags] & NoFatChain) != 0;

    public bool MayHaveClusters => (_bytes[Flags] & AllocationPossible) != 0;

    public ushort NameHash => LittleEndian.ReadU16(_bytes, NameHashField);

    public ulong ValidLength => LittleEndian.ReadU64(_bytes, ValidDataLength);

    public ulong Length => LittleEndian.ReadU64(_bytes, DataLength);

    public uint FirstCluster => LittleEndian.ReadU32(_bytes, FirstClusterField);

    /// <summary>Room for the entries that follow a file entry, which the caller fills in.</summary>
    /// <param name="file">The file entry.</param>
    public void Begin(ReadOnlySpan<byte> file)
    {
        Count = file[SecondaryCount] + 1;
        file.Slice(0, EntryBytes).CopyTo(_bytes);
    }

    public Span<byte> Entry(int index) => new(_bytes, index * EntryBytes, EntryBytes);

    /// <summary>Checks what can be checked without the volume, and reads the name.</summary>
    /// <returns>Empty, or what is wrong.</returns>
    public ReadOnlySpan<byte> Check(UpcaseTable upcase)
    {
        Name.Clear();
        if (Count < 3) return "A file has too few directory entries."u8;
        if (LittleEndian.ReadU16(_bytes, SetChecksum) != Checksum()) return "A file's directory entries have a wrong checksum."u8;
        int length = _bytes[NameLength], names = NameEntries(length);
        if (_bytes[EntryBytes] != Stream) return "A file has no stream extension."u8;
        if (length == 0 || Count < 2 + names) return "A file's name has a wrong length."u8;
        for (int i = 2; i < Count; i++)
        {
            byte type = _bytes[i * EntryBytes];
            if (i < 2 + names ? type != FileName : (type & BenignSecondary) != BenignSecondary) return "A file has a directory entry of an unknown kind."u8;
        }
        for (int i = 0; i < length; i++) Name.Append(LittleEndian.ReadU16(_bytes, UnitOffset(i)));
        if (!Name.IsAllowed) return "A file's name has a forbidden character."u8;
        if (Name.Hash(upcase) != NameHash) return "A file's name has a wrong hash."u8;
        return default;
    }

    /// <summary>A new file or folder without clusters.</summary>
    public void Create(Name name, ushort hash, bool folder, uint timestamp)
    {
        Count = 2;
        Bytes.Clear();
        _bytes[0] = File;
        LittleEndian.WriteU16(_bytes, Attributes, folder ? Directory : Archive);
        LittleEndian.WriteU32(_bytes, Created, timestamp);
        LittleEndian.WriteU32(_bytes, Modified, timestamp);
        LittleEndian.WriteU32(_bytes, Accessed, timestamp);
        _bytes[CreatedZone] = _bytes[ModifiedZone] = _bytes[AccessedZone] = 0x80; // UTC
        _bytes[EntryBytes] = Stream;
        _bytes[Flags] = AllocationPossible;
        Rename(name, hash);
    }

    /// <summary>Puts another name in; all else, vendors' entries too, stays.</summary>
    /// <returns>False if the set would have too many entries.</returns>
    public bool Rename(Name name, ushort hash)
    {
        int before = Math.Min(NameEntries(_bytes[NameLength]), Count - 2), names = NameEntries(name.Length), rest = Count - 2 - before;
        if (2 + names + rest > MaxEntries) return false;
        Span<byte> from = new(_bytes, (2 + before) * EntryBytes, rest * EntryBytes), to = new(_bytes, (2 + names) * EntryBytes, rest * EntryBytes);
        if (names <= before)
        {
            for (int i = 0; i < from.Length; i++) to[i] = from[i];
        }
        else
        {
            for (int i = from.Length - 1; i >= 0; i--) to[i] = from[i];
        }

        Count = 2 + names + rest;
        new Span<byte>(_bytes, 2 * EntryBytes, names * EntryBytes).Clear();
        for (int i = 0; i < names; i++) Entry(2 + i)[0] = FileName;
        for (int i = 0; i < name.Length; i++) LittleEndian.WriteU16(_bytes, UnitOffset(i), name.Units[i]);
        _bytes[SecondaryCount] = (byte)(Count - 1);
        _bytes[NameLength] = (byte)name.Length;
        LittleEndian.WriteU16(_bytes, NameHashField, hash);
        Seal();
        return true;
    }

    public void SetData(uint firstCluster, bool contiguous, ulong length, ulong validLength, uint timestamp)
    {
        _bytes[Flags] = (byte)(_bytes[Flags] & ~NoFatChain | (contiguous ? NoFatChain : 0));
        LittleEndian.WriteU32(_bytes, FirstClusterField, firstCluster);
        LittleEndian.WriteU64(_bytes, DataLength, length);
        LittleEndian.WriteU64(_bytes, ValidDataLength, validLength);
        LittleEndian.WriteU32(_bytes, Modified, timestamp);
        _bytes[ModifiedZone] = 0x80;
        Seal();
    }

    public static int NameEntries(int units) => (units + UnitsPerEntry - 1) / UnitsPerEntry;

    private static int UnitOffset(int unit) => (2 + unit / UnitsPerEntry) * EntryBytes + 2 + unit % UnitsPerEntry * 2;

    private void Seal() => LittleEndian.WriteU16(_bytes, SetChecksum, Checksum());

    private ushort Checksum()
    {
        uint sum = 0;
        for (int i = 0; i < Count * EntryBytes; i++)
            if (i is not (SetChecksum or SetChecksum + 1)) sum = (sum << 15 | (sum & 0xFFFF) >> 1) + _bytes[i] & 0xFFFF;
        return (ushort)sum;
    }
}
