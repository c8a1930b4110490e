using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Pocketvisor.DeviceTree;

/// <summary>
/// Walks the nodes of a flattened device tree in order (Devicetree Specification, "Flattened Devicetree (DTB) Format").
/// The blob is not trusted: no offset is followed out of it, and damage ends the walk with <see cref="IsDamaged"/>.
/// <code>
/// var tree = new FdtReader(blob);
/// while (tree.NextNode())
///     if (tree.IsCompatible("arm,pl011"u8) &amp;&amp; tree.Reg(0, out ulong address, out _)) …
/// </code>
/// </summary>
/// <remarks>Every word and every byte goes through one checked read each; that is what keeps this small enough for EL2.</remarks>
public ref struct FdtReader
{
    private const uint Magic = 0xd00dfeed;
    private const int MaxDepth = 16, CellBits = 4;
    private const int SizeOffset = 4, StructureOffset = 8, StringsOffset = 12;

    private enum Token : uint { BeginNode = 1, EndNode = 2, Property = 3, Nop = 4, End = 9 }

    private readonly ReadOnlySpan<byte> _blob;
    private int _next;       // offset of the token to read next
    private int _name;       // offset of the current node's name
    private int _properties; // offset of the current node's first property
    private int _depth;      // nodes open at _next; the current node's depth is one less
    private ulong _cells;    // for the children of each open node, innermost lowest: [3:2] #address-cells │ [1:0] #size-cells

    /// <param name="blob">May be longer than the tree, whose header says how long it is.</param>
    public FdtReader(ReadOnlySpan<byte> blob)
    {
        this = default;
        _blob = blob;
        _next = (int)Word(StructureOffset);
        if (Word(0) != Magic || Word(SizeOffset) > (uint)blob.Length) IsDamaged = true;
    }

    /// <summary>The tree broke a rule of its format; what was read before that holds.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The current node's name with its unit address; empty for the root.</summary>
    public ReadOnlySpan<byte> Name => _blob.Slice(_name, AfterString(_name) - 1 - _name);

    /// <summary>0 for the root.</summary>
    public readonly int Depth => _depth - 1;

    /// <summary>Size that the header claims, in bytes; 0 if this is no device tree. Reads the first 8 bytes.</summary>
    public static uint TotalSize(ReadOnlySpan<byte> header) => BigEndian32(header, 0) == Magic ? BigEndian32(header, 4) : 0;

    /// <summary>Goes to the next node in document order; false at the end or at damage.</summary>
    public bool NextNode()
    {
        while (!IsDamaged)
        {
            int at = _next;
            var token = (Token)Word(at);
            _next += 4;
            if (token == Token.BeginNode && _depth < MaxDepth)
            {
                _name = _next;
                _next = _properties = Align(AfterString(_name));
                _depth++;
                _cells = _cells << CellBits | CellCount("#address-cells"u8, 2) << 2 | CellCount("#size-cells"u8, 1);
                return !IsDamaged;
            }
            if (token == Token.EndNode && _depth > 0)
            {
                _depth--;
                _cells >>= CellBits;
            }
            else if (token == Token.Property)
            {
                _next = AfterProperty(at);
            }
            else if (token == Token.End && _depth == 0)
            {
                break;
            }
            else if (token != Token.Nop)
            {
                IsDamaged = true;
            }
        }
        return false;
    }

    /// <summary>The value of a property of the current node; empty if it has none.</summary>
    public ReadOnlySpan<byte> Property(ReadOnlySpan<byte> name)
    {
        int at = Find(name, out int length);
        return _blob.Slice(at, length);
    }

    /// <summary>Whether one of the strings of a list property, such as <c>compatible</c>, is the wanted one.</summary>
    public bool Lists(ReadOnlySpan<byte> property, ReadOnlySpan<byte> wanted)
    {
        int at = Find(property, out int length);
        for (int end = at + length; at < end; at = AfterString(at))
            if (IsString(at, wanted)) return true;
        return false;
    }

    public bool IsCompatible(ReadOnlySpan<byte> wanted) => Lists("compatible"u8, wanted);

    /// <summary>The n-th range of <c>reg</c>, by the parent's cell counts. False if there is none.</summary>
    public bool Reg(int index, out ulong address, out ulong size)
    {
        int cells = (int)(_cells >> CellBits), addressCells = cells >> 2 & 3, sizeCells = cells & 3, bytes = 4 * (addressCells + sizeCells);
        int at = Find("reg"u8, out int length) + index * bytes;
        address = Number(at, addressCells);
        size = Number(at + 4 * addressCells, sizeCells);
        return bytes != 0 && addressCells != 3 && sizeCells != 3 && (index + 1) * bytes <= length;
    }

    /// <summary>Reads a number of 32-bit cells, at most two, big-endian, and moves past them. False if the value is too short.</summary>
    public static bool Cells(ReadOnlySpan<byte> value, ref int at, int cells, out ulong number)
    {
        number = 0;
        if (cells > 2) return false;
        for (; cells > 0; cells--, at += 4)
        {
            if ((uint)at >= (uint)value.Length || value.Length - at < 4) return false;
            number = number << 32 | BigEndian32(value, at);
        }
        return true;
    }

    // Three stands for more than we read.
    private ulong CellCount(ReadOnlySpan<byte> property, uint otherwise)
    {
        int at = Find(property, out int length);
        return length == 4 ? Math.Min(Word(at), 3) : otherwise;
    }

    private ulong Number(int at, int cells)
    {
        ulong number = 0;
        for (; cells > 0; cells--, at += 4) number = number << 32 | Word(at);
        return number;
    }

    // Where the value of a property of the current node lies; offset and length 0 if it has none.
    private int Find(ReadOnlySpan<byte> name, out int length)
    {
        for (int at = _properties; !IsDamaged;)
        {
            var token = (Token)Word(at);
            int after = at + 4;
            if (token == Token.Property)
            {
                after = AfterProperty(at);
                length = (int)Word(at + 4);
                if (IsString((int)(Word(StringsOffset) + Word(at + 8)), name) && !IsDamaged) return at + 12;
            }
            else if (token != Token.Nop)
            {
                break;
            }
            at = after;
        }
        return length = 0;
    }

    // Offset behind the property at an offset. Its value lies inside the blob, and so does the token that follows, or there is damage.
    private int AfterProperty(int at)
    {
        uint length = Word(at + 4);
        if (length > (uint)_blob.Length) IsDamaged = true;
        int after = Align(at + 12 + (int)length);
        Word(after);
        return after;
    }

    private int AfterString(int at)
    {
        while (Byte(at++) != 0) { }
        return at;
    }

    private bool IsString(int at, ReadOnlySpan<byte> wanted)
    {
        int i = 0;
        while (i < wanted.Length && Byte(at + i) == wanted[i]) i++;
        return Byte(at + i) == 0 && i == wanted.Length;
    }

    // The checked reads: 0, which is no token and ends a string, and damage if it is not inside the blob.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint Word(int at)
    {
        if ((uint)at < (uint)_blob.Length && _blob.Length - at >= 4) return BigEndian32(_blob, at);
        IsDamaged = true;
        return 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte Byte(int at)
    {
        if ((uint)at < (uint)_blob.Length) return _blob[at];
        IsDamaged = true;
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BigEndian32(ReadOnlySpan<byte> d, int at) =>
        BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(in d[at]));

    private static int Align(int offset) => (offset + 3) & ~3;
}
