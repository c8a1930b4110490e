using System;

namespace Pocketvisor.Flash;

/// <summary>A file's name in UTF-16, as exFAT has it.</summary>
internal sealed class Name
{
    /// <summary>UTF-16 units.</summary>
    public const int MaxLength = 255;

    private readonly ushort[] _units = new ushort[MaxLength];

    public int Length { get; private set; }

    public ReadOnlySpan<ushort> Units => new(_units, 0, Length);

    public void Clear() => Length = 0;

    /// <returns>False if the name is too long already.</returns>
    public bool Append(ushort unit)
    {
        if (Length == MaxLength) return false;
        _units[Length++] = unit;
        return true;
    }

    /// <returns>False if it is no name: bad UTF-8, empty, too long, or with what <see cref="IsAllowed"/> refuses.</returns>
    public bool TryDecode(ReadOnlySpan<byte> utf8)
    {
        Clear();
        for (int i = 0; i < utf8.Length;)
        {
            uint first = utf8[i++];
            int more = first < 0x80 ? 0 : first is >= 0xC2 and < 0xE0 ? 1 : first is >= 0xE0 and < 0xF0 ? 2 : first is >= 0xF0 and < 0xF5 ? 3 : -1;
            if (more < 0 || more > utf8.Length - i) return false;
            uint rune = more == 0 ? first : first & (0x3Fu >> more);
            for (; more > 0; more--)
            {
                uint next = utf8[i++];
                if ((next & 0xC0) != 0x80) return false;
                rune = rune << 6 | next & 0x3F;
                // what a shorter form says, surrogates, and what is beyond Unicode; seen as soon as the second byte is there
                if (first == 0xE0 && more == 2 && next < 0xA0 || first == 0xED && more == 2 && next >= 0xA0) return false;
                if (first == 0xF0 && more == 3 && next < 0x90 || first == 0xF4 && more == 3 && next >= 0x90) return false;
            }
            if (rune >= 0x1_0000)
            {
                rune -= 0x1_0000;
                if (!Append((ushort)(0xD800 | rune >> 10))) return false;
                rune = 0xDC00 | rune & 0x3FF;
            }
            if (!Append((ushort)rune)) return false;
        }
        return IsAllowed;
    }

    /// <summary>The specification, "FileName Field": no control characters, none of " * / : &lt; &gt; ? \ |, and not "." or "..".</summary>
    public bool IsAllowed
    {
        get
        {
            if (Length == 0) return false;
            int dots = 0;
            for (int i = 0; i < Length; i++)
            {
                if (_units[i] < 0x20 || _units[i] is '"' or '*' or '/' or ':' or '<' or '>' or '?' or '\\' or '|') return false;
                if (_units[i] == '.') dots++;
            }
            return dots != Length || Length > 2;
        }
    }

    /// <summary>Half a surrogate pair, which exFAT allows, becomes U+FFFD.</summary>
    /// <param name="utf8">Three bytes for each unit.</param>
    /// <returns>Bytes written.</returns>
    public int Encode(Span<byte> utf8)
    {
        int n = 0;
        for (int i = 0; i < Length; i++)
        {
            uint rune = _units[i];
            bool pair = rune is >= 0xD800 and < 0xDC00 && i + 1 < Length && _units[i + 1] is >= 0xDC00 and < 0xE000;
            if (pair) rune = 0x1_0000 + ((rune & 0x3FF) << 10) + (uint)(_units[++i] & 0x3FF);
            else if (rune is >= 0xD800 and < 0xE000) rune = 0xFFFD;

            if (rune < 0x80)
            {
                utf8[n++] = (byte)rune;
                continue;
            }
            int more = rune < 0x800 ? 1 : rune < 0x1_0000 ? 2 : 3;
            utf8[n++] = (byte)(0xFF00u >> more + 1 | rune >> 6 * more);
            for (more--; more >= 0; more--) utf8[n++] = (byte)(0x80 | rune >> 6 * more & 0x3F);
        }
        return n;
    }

    /// <summary>The specification, "NameHash Field".</summary>
    public ushort Hash(UpcaseTable upcase)
    {
        uint hash = 0;
        for (int i = 0; i < Length; i++)
        {
            ushort unit = upcase[_units[i]];
            hash = Add(Add(hash, (byte)unit), (byte)(unit >> 8));
        }
        return (ushort)hash;

        static uint Add(uint hash, byte value) => (hash << 15 | (hash & 0xFFFF) >> 1) + value & 0xFFFF;
    }

    public bool Equals(Name other, UpcaseTable upcase)
    {
        if (Length != other.Length) return false;
        for (int i = 0; i < Length; i++)
            if (upcase[_units[i]] != upcase[other._units[i]]) return false;
        return true;
    }
}
