using System;

namespace Pocketvisor.Flash;

/// <summary>
/// Names are compared in upper case, by the volume's own table of all UTF-16 units. Microsoft's exFAT specification, "Up-case Table Directory
/// Entry". On the volume runs of units that are their own upper case are compressed: 0xFFFF, then their number.
/// </summary>
internal sealed class UpcaseTable
{
    private const ushort Run = 0xFFFF;
    private const int Units = 0x1_0000;

    private readonly ushort[] _upper = new ushort[Units];
    private int _next;
    private bool _countFollows;
    private uint _checksum;

    public ushort this[ushort unit] => _upper[unit];

    public void Begin()
    {
        _next = 0;
        _countFollows = false;
        _checksum = 0;
    }

    /// <param name="bytes">An even number of them.</param>
    /// <returns>False if the table has more than all units.</returns>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++) _checksum = (_checksum << 31 | _checksum >> 1) + bytes[i];
        for (int i = 0; i < bytes.Length; i += 2)
        {
            ushort value = LittleEndian.ReadU16(bytes, i);
            if (_countFollows)
            {
                if (!AppendRun(value)) return false;
                _countFollows = false;
            }
            else if (value == Run && _next != Run) // the last unit of an uncompressed table is 0xFFFF itself
            {
                _countFollows = true;
            }
            else
            {
                if (_next == Units) return false;
                _upper[_next++] = value;
            }
        }
        return true;
    }

    /// <returns>
    /// Whether the checksum is right and the first 128 units are those that the specification demands, so that ASCII names mean the same on
    /// every volume.
    /// </returns>
    public bool End(uint checksum)
    {
        if (_countFollows || _checksum != checksum || !AppendRun(Units - _next)) return false;
        for (int i = 0; i < 128; i++)
            if (_upper[i] != (i is >= 'a' and <= 'z' ? i - 0x20 : i)) return false;
        return true;
    }

    private bool AppendRun(int count)
    {
        if (count > Units - _next) return false;
        for (int i = 0; i < count; i++) _upper[_next] = (ushort)_next++;
        return true;
    }
}
