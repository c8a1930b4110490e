using System;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// Reads JSON (RFC 8259) token by token, strictly: no comments, no trailing commas. Nothing is allocated. The first mistake
/// ends it: <see cref="Read"/> is false, <see cref="Token"/> is None, and <see cref="Position"/> says where.
/// </summary>
public ref partial struct JsonReader
{
    /// <summary>Objects and arrays inside each other at most.</summary>
    public const int MaxDepth = 64;

    private enum Expect : byte { Value, ValueOrEnd, Name, NameOrEnd, CommaOrEnd, Nothing, Failed }

    private readonly ReadOnlySpan<byte> _json;
    private Expect _expect;
    private ulong _objects; // one bit a level: it is an object
    private int _depth;

    public JsonReader(ReadOnlySpan<byte> json)
    {
        this = default;
        _json = json;
    }

    public JsonToken Token { get; private set; }

    /// <summary>Offset of the next byte to read; after a mistake, of the byte that is wrong.</summary>
    public int Position { get; private set; }

    /// <summary>Of a name or string: what is between the quotes, with its escapes. Of a number: its digits.</summary>
    public ReadOnlySpan<byte> Raw { get; private set; }

    /// <summary>The line that <see cref="Position"/> is in, from 1.</summary>
    public readonly int Line
    {
        get
        {
            int line = 1;
            foreach (byte b in _json.Slice(0, Position))
                if (b == '\n') line++;
            return line;
        }
    }

    /// <summary>Goes to the next token; false after <see cref="JsonToken.End"/> and at a mistake.</summary>
    public bool Read()
    {
        if (_expect == Expect.Failed || Token == JsonToken.End) return false;
        SkipWhiteSpace();
        if (_expect == Expect.CommaOrEnd)
        {
            if (At(',') && _depth > 0)
            {
                Position++;
                SkipWhiteSpace();
                _expect = InObject ? Expect.Name : Expect.Value;
            }
            else
            {
                return Close();
            }
        }
        return _expect switch
        {
            Expect.Nothing => Position == _json.Length ? Found(JsonToken.End, Expect.Nothing) : Fail(),
            Expect.NameOrEnd when At('}') => Close(),
            Expect.ValueOrEnd when At(']') => Close(),
            Expect.Name or Expect.NameOrEnd => ReadName(),
            _ => ReadValue(),
        };
    }

    /// <summary>Copies the current name or string without its escapes. False if it does not fit or holds half a surrogate pair.</summary>
    public readonly bool TryCopyText(Span<byte> destination, out int length)
    {
        length = 0;
        for (int i = 0; i < Raw.Length;)
        {
            if (Raw[i] != '\\')
            {
                if (length == destination.Length) return false;
                destination[length++] = Raw[i++];
                continue;
            }
            uint character = Raw[i + 1] switch
            {
                (byte)'b' => 8,
                (byte)'f' => 12,
                (byte)'n' => 10,
                (byte)'r' => 13,
                (byte)'t' => 9,
                (byte)'u' => Hex(Raw, i + 2),
                byte same => same,
            };
            i += Raw[i + 1] == 'u' ? 6 : 2;
            if (character is >= 0xD800 and < 0xDC00)
            {
                if (Raw.Length - i < 6 || Raw[i] != '\\' || Raw[i + 1] != 'u') return false;
                uint low = Hex(Raw, i + 2);
                if (low is < 0xDC00 or >= 0xE000) return false;
                character = 0x10000 + ((character - 0xD800) << 10 | low - 0xDC00);
                i += 6;
            }
            else if (character is >= 0xDC00 and < 0xE000)
            {
                return false;
            }
            int bytes = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            if (destination.Length - length < bytes) return false;
            EncodeUtf8(destination.Slice(length, bytes), character);
            length += bytes;
        }
        return true;
    }

    private readonly bool InObject => _depth > 0 && (_objects >> (_depth - 1) & 1) != 0;

    private readonly bool At(char c) => Position < _json.Length && _json[Position] == c;

    private void SkipWhiteSpace()
    {
        while (Position < _json.Length && _json[Position] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') Position++;
    }

    private bool ReadName()
    {
        if (!At('"') || !ReadString()) return Fail();
        SkipWhiteSpace();
        if (!At(':')) return Fail();
        Position++;
        return Found(JsonToken.Name, Expect.Value);
    }

    private bool ReadValue()
    {
        if (Position == _json.Length) return Fail();
        switch ((char)_json[Position])
        {
            case '{': return Open(true);
            case '[': return Open(false);
            case '"': return ReadString() ? FoundValue(JsonToken.String) : Fail();
            case 't': return Word("true"u8, JsonToken.True);
            case 'f': return Word("false"u8, JsonToken.False);
            case 'n': return Word("null"u8, JsonToken.Null);
            default: return ReadNumber() ? FoundValue(JsonToken.Number) : Fail();
        }
    }

    private bool Open(bool isObject)
    {
        if (_depth == MaxDepth) return Fail();
        Position++;
        ulong bit = 1UL << _depth++;
        _objects = isObject ? _objects | bit : _objects & ~bit;
        return isObject ? Found(JsonToken.ObjectStart, Expect.NameOrEnd) : Found(JsonToken.ArrayStart, Expect.ValueOrEnd);
    }

    private bool Close()
    {
        bool isObject = InObject;
        if (_depth == 0 || !At(isObject ? '}' : ']')) return Fail();
        Position++;
        _depth--;
        return FoundValue(isObject ? JsonToken.ObjectEnd : JsonToken.ArrayEnd);
    }

    private bool Word(ReadOnlySpan<byte> word, JsonToken token)
    {
        if (!Bytes.StartWith(_json.Slice(Position), word)) return Fail();
        Position += word.Length;
        return FoundValue(token);
    }

    private bool ReadString()
    {
        int start = ++Position;
        for (; Position < _json.Length; Position++)
        {
            byte b = _json[Position];
            if (b < 0x20) return false;
            if (b == '"')
            {
                Raw = _json.Slice(start, Position - start);
                Position++;
                return true;
            }
            if (b != '\\') continue;
            if (++Position == _json.Length) return false;
            switch ((char)_json[Position])
            {
                case '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't':
                    break;
                case 'u':
                    if (_json.Length - Position < 5 || Hex(_json, Position + 1) == uint.MaxValue) return false;
                    Position += 4;
                    break;
                default:
                    return false;
            }
        }
        return false;
    }

    private bool ReadNumber()
    {
        int start = Position;
        if (At('-')) Position++;
        if (At('0')) Position++;
        else if (!Digits()) return false;
        if (At('.'))
        {
            Position++;
            if (!Digits()) return false;
        }
        if (At('e') || At('E'))
        {
            Position++;
            if (At('+') || At('-')) Position++;
            if (!Digits()) return false;
        }
        Raw = _json.Slice(start, Position - start);
        return true;
    }

    private bool Digits()
    {
        int start = Position;
        while (Position < _json.Length && _json[Position] is >= (byte)'0' and <= (byte)'9') Position++;
        return Position > start;
    }

    private bool FoundValue(JsonToken token) => Found(token, _depth == 0 ? Expect.Nothing : Expect.CommaOrEnd);

    private bool Found(JsonToken token, Expect next)
    {
        Token = token;
        _expect = next;
        return true;
    }

    private bool Fail()
    {
        Token = JsonToken.None;
        _expect = Expect.Failed;
        return false;
    }

    // Four hexadecimal digits; all ones if they are not.
    private static uint Hex(ReadOnlySpan<byte> text, int at)
    {
        uint value = 0;
        foreach (byte b in text.Slice(at, 4))
        {
            int digit = b switch
            {
                >= (byte)'0' and <= (byte)'9' => b - '0',
                >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
                _ => -1,
            };
            if (digit < 0) return uint.MaxValue;
            value = value << 4 | (uint)digit;
        }
        return value;
    }

    private static void EncodeUtf8(Span<byte> to, uint character)
    {
        for (int i = to.Length - 1; i > 0; i--, character >>= 6) to[i] = (byte)(0x80 | character & 0x3F);
        to[0] = (byte)(to.Length switch
        {
            1 => character,
            2 => 0xC0 | character,
            3 => 0xE0 | character,
            _ => 0xF0 | character,
        });
    }
}
