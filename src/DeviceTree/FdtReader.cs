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
/// <remarks>Every word and every string goes through one checked read each; that is what keeps this small enough for EL2.</remarks>
public ref struct FdtReader
{
    private const uint Magic = 0xd00dfeed;
    private const int MaxDepth = 8;
    private const int StructureOffset = 8, StringsOffset = 12;

    private enum Token : uint { BeginNode = 1, EndNode = 2, Property = 3, Nop = 4, End = 9 }

    /// <summary>#address-cells and #size-cells for the children of the node at each depth.</summary>
    [InlineArray(2 * (MaxDepth + 2))]
    private struct CellCounts { private byte _first; }

    private readonly ReadOnlySpan<byte> _blob;
    private CellCounts _cells;
    private int _next;       // offset of the token to read next
    private int _name;       // offset of the current node's name
    private int _properties; // offset of the current node's first property
    private int _depth;      // nodes open at _next; the current node's depth is one less

    public FdtReader(ReadOnlySpan<byte> blob)
    {
        this = default;
        uint size = blob.Length >= 8 ? TotalSize(blob) : 0;
        IsDamaged = size == 0 || size > (uint)blob.Length;
        if (IsDamaged) return;
        _blob = blob.Slice(0, (int)size);
        _next = (int)Word(StructureOffset);
    }

    /// <summary>The tree broke a rule of its format; what was read before that holds.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The current node's name with its unit address; empty for the root.</summary>
    public ReadOnlySpan<byte> Name => _blob.Slice(_name, StringLength(_name));

    /// <summary>0 for the root.</summary>
    public readonly int Depth => _depth - 1;

    /// <summary>Size that the header claims, in bytes; 0 if this is no device tree. Reads the first 8 bytes.</summary>
    public static uint TotalSize(ReadOnlySpan<byte> header) => BigEndian32(header, 0) == Magic ? BigEndian32(header, 4) : 0;

    /// <summary>Goes to the next node in document order; false at the end or at damage.</summary>
    public bool NextNode()
    {
        while (!IsDamaged)
        {
            switch ((Token)Word(_next))
            {
                case Token.BeginNode when _depth <= MaxDepth:
                    _name = _next + 4;
                    _next = _properties = (_name + StringLength(_name) + 4) & ~3;
                    _depth++;
                    _cells[2 * _depth] = CellCount("#address-cells"u8, 2);
                    _cells[2 * _depth + 1] = CellCount("#size-cells"u8, 1);
                    return !IsDamaged;
                case Token.EndNode when _depth > 0:
                    _depth--;
                    _next += 4;
                    break;
                case Token.Property:
                    _next = AfterProperty(_next);
                    break;
                case Token.Nop:
                    _next += 4;
                    break;
                case Token.End when _depth == 0:
                    return false;
                default:
                    IsDamaged = true;
                    break;
            }
        }
        return false;
    }

    /// <summary>The value of a property of the current node; empty if it has none.</summary>
    public ReadOnlySpan<byte> Property(ReadOnlySpan<byte> name)
    {
        int at = _properties;
        while (!IsDamaged)
        {
            switch ((Token)Word(at))
            {
                case Token.Property:
                    int next = AfterProperty(at);
                    if (!IsDamaged && IsString((int)(Word(StringsOffset) + Word(at + 8)), name)) return _blob.Slice(at + 12, (int)Word(at + 4));
                    at = next;
                    break;
                case Token.Nop:
                    at += 4;
                    break;
                default:
                    return default;
            }
        }
        return default;
    }

    /// <summary>Whether one of the strings of a list property, such as <c>compatible</c>, is the wanted one.</summary>
    public bool Lists(ReadOnlySpan<byte> property, ReadOnlySpan<byte> wanted)
    {
        var list = Property(property);
        for (int start = 0, end = 0; end < list.Length; end++)
        {
            if (list[end] != 0) continue;
            if (Same(list.Slice(start, end - start), wanted)) return true;
            start = end + 1;
        }
        return false;
    }

    public bool IsCompatible(ReadOnlySpan<byte> wanted) => Lists("compatible"u8, wanted);

    /// <summary>The n-th range of <c>reg</c>, by the parent's cell counts. False if there is none.</summary>
    public bool Reg(int index, out ulong address, out ulong size)
    {
        int addressCells = _cells[2 * (_depth - 1)], sizeCells = _cells[2 * (_depth - 1) + 1];
        var reg = Property("reg"u8);
        int at = index * 4 * (addressCells + sizeCells);
        size = 0;
        return Cells(reg, ref at, addressCells, out address) && Cells(reg, ref at, sizeCells, out size);
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

    // More than two cells make Cells refuse.
    private byte CellCount(ReadOnlySpan<byte> property, byte otherwise)
    {
        var value = Property(property);
        return value.Length == 4 ? (byte)Math.Min(BigEndian32(value, 0), 3) : otherwise;
    }

    // Offset behind the property at an offset; its value and padding lie inside the blob, or the tree is damaged.
    private int AfterProperty(int at)
    {
        uint length = Word(at + 4);
        if (length > (uint)(_blob.Length - at)) IsDamaged = true;
        int after = (at + 12 + (int)length + 3) & ~3;
        Word(after); // whatever follows, a token is there
        return after;
    }

    // Bytes before the terminator; 0 and damage if there is none.
    private int StringLength(int at)
    {
        for (int i = at; (uint)i < (uint)_blob.Length; i++)
            if (_blob[i] == 0) return i - at;
        IsDamaged = true;
        return 0;
    }

    private bool IsString(int at, ReadOnlySpan<byte> wanted)
    {
        int length = StringLength(at);
        return !IsDamaged && Same(_blob.Slice(at, length), wanted);
    }

    // The checked read: 0, which is no token, and damage if the word is not inside the blob or not aligned.
    private uint Word(int at)
    {
        if ((at & 3) == 0 && (uint)at < (uint)_blob.Length && _blob.Length - at >= 4) return BigEndian32(_blob, at);
        IsDamaged = true;
        return 0;
    }

    private static bool Same(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length) return false;
        for (int i = 0; i < a.Length; i++)
            if (a[i] != b[i]) return false;
        return true;
    }

    private static uint BigEndian32(ReadOnlySpan<byte> d, int at) =>
        BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(in d.Slice(at, 4)[0]));
}
