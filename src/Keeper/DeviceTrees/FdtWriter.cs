using System;

namespace Pocketvisor.Keeper.DeviceTrees;

/// <summary>
/// Writes a flattened device tree (Devicetree Specification, "Flattened Devicetree (DTB) Format"), version 17, into memory of
/// fixed size. What does not fit makes <see cref="TryFinish"/> fail; until then nothing has to be checked.
/// <code>
///   header 40 │ no reservations 16 │ structure … │ strings …
/// </code>
/// </summary>
public ref struct FdtWriter
{
    private const uint Magic = 0xD00DFEED, Version = 17, CompatibleVersion = 16;
    private const uint BeginNodeToken = 1, EndNodeToken = 2, PropertyToken = 3, EndToken = 9;
    private const int HeaderSize = 40, ReservationsSize = 16, StructureStart = HeaderSize + ReservationsSize;

    private readonly Span<byte> _blob;
    private readonly Span<byte> _strings; // names of properties, each once, in the order of their first use
    private int _at, _stringsLength;
    private bool _full;

    /// <param name="blob">Where the tree is to be; it must be zero.</param>
    /// <param name="strings">Room for the properties' names.</param>
    public FdtWriter(Span<byte> blob, Span<byte> strings)
    {
        this = default;
        _blob = blob;
        _strings = strings;
        _at = StructureStart;
        _full = blob.Length < StructureStart;
    }

    /// <summary>Opens a node; the root's name is empty.</summary>
    public void BeginNode(scoped ReadOnlySpan<byte> name)
    {
        Cell(BeginNodeToken);
        Raw(name);
        Raw("\0"u8);
        Pad();
    }

    /// <summary>Opens a node named NAME@ADDRESS.</summary>
    public void BeginNode(scoped ReadOnlySpan<byte> name, ulong address)
    {
        Cell(BeginNodeToken);
        Raw(name);
        Raw("@"u8);
        int shift = 60;
        while (shift > 0 && address >> shift == 0) shift -= 4;
        for (; shift >= 0; shift -= 4) Byte("0123456789abcdef"u8[(int)(address >> shift) & 15]);
        Raw("\0"u8);
        Pad();
    }

    public void EndNode() => Cell(EndNodeToken);

    /// <summary>A property without value.</summary>
    public void Flag(scoped ReadOnlySpan<byte> name) => Property(name, 0);

    public void Value(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> bytes)
    {
        Property(name, bytes.Length);
        Raw(bytes);
        Pad();
    }

    /// <summary>A string; for a list of strings, with \0 between them.</summary>
    public void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> text)
    {
        Property(name, text.Length + 1);
        Raw(text);
        Raw("\0"u8);
        Pad();
    }

    public void Cells(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<uint> cells)
    {
        Property(name, 4 * cells.Length);
        foreach (uint cell in cells) Cell(cell);
    }

    public void Cell32(scoped ReadOnlySpan<byte> name, uint value)
    {
        Property(name, 4);
        Cell(value);
    }

    public void Cell64(scoped ReadOnlySpan<byte> name, ulong value)
    {
        Property(name, 8);
        Pair(value);
    }

    /// <summary>One range of reg, with two cells each for address and size.</summary>
    public void Reg(ulong address, ulong size)
    {
        Property("reg"u8, 16);
        Pair(address);
        Pair(size);
    }

    /// <summary>Two ranges of reg.</summary>
    public void Reg(ulong address, ulong size, ulong address2, ulong size2)
    {
        Property("reg"u8, 32);
        Pair(address);
        Pair(size);
        Pair(address2);
        Pair(size2);
    }

    /// <summary>Writes the header. False if something did not fit.</summary>
    /// <param name="size">Bytes of the finished tree.</param>
    public bool TryFinish(out int size)
    {
        Cell(EndToken);
        int structure = _at - StructureStart, strings = _at;
        Raw(_strings.Slice(0, _stringsLength));
        size = _at;
        if (_full) return false;
        _at = 0;
        Cell(Magic);
        Cell((uint)size);
        Cell(StructureStart);
        Cell((uint)strings);
        Cell(HeaderSize);
        Cell(Version);
        Cell(CompatibleVersion);
        Cell(0); // the boot core's number
        Cell((uint)(size - strings));
        Cell((uint)structure);
        return true;
    }

    private void Property(scoped ReadOnlySpan<byte> name, int length)
    {
        Cell(PropertyToken);
        Cell((uint)length);
        Cell((uint)StringOffset(name));
    }

    private int StringOffset(scoped ReadOnlySpan<byte> name)
    {
        for (int at = 0; at < _stringsLength;)
        {
            int end = at;
            while (_strings[end] != 0) end++;
            if (Bytes.Equal(_strings.Slice(at, end - at), name)) return at;
            at = end + 1;
        }
        int offset = _stringsLength;
        if (_strings.Length - offset < name.Length + 1)
        {
            _full = true;
            return 0;
        }
        name.CopyTo(_strings.Slice(offset));
        _strings[offset + name.Length] = 0;
        _stringsLength += name.Length + 1;
        return offset;
    }

    private void Pair(ulong value)
    {
        Cell((uint)(value >> 32));
        Cell((uint)value);
    }

    private void Cell(uint value)
    {
        Byte((byte)(value >> 24));
        Byte((byte)(value >> 16));
        Byte((byte)(value >> 8));
        Byte((byte)value);
    }

    private void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes) Byte(b);
    }

    private void Pad()
    {
        while ((_at & 3) != 0) Byte(0);
    }

    private void Byte(byte value)
    {
        if (_at < _blob.Length) _blob[_at] = value;
        else _full = true;
        _at++;
    }
}
