using System;

namespace Pocketvisor.Keeper.Diagnostics;

/// <summary>A line of text under construction, in a buffer of fixed size; what does not fit is dropped.</summary>
public sealed class Text
{
    private readonly byte[] _bytes;

    public Text(int capacity) => _bytes = new byte[capacity];

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => new ReadOnlySpan<byte>(_bytes).Slice(0, Length);

    public Text Clear()
    {
        Length = 0;
        return this;
    }

    public Text Add(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text) Put(b);
        return this;
    }

    /// <summary>Only the printable ones of bytes that come from outside.</summary>
    public Text AddUntrusted(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text) Put(b is >= 0x20 and < 0x7F ? b : (byte)'?');
        return this;
    }

    public Text Add(ulong number)
    {
        ulong divisor = 1;
        while (number / divisor >= 10) divisor *= 10;
        for (; divisor != 0; divisor /= 10) Put((byte)('0' + number / divisor % 10));
        return this;
    }

    public Text Add(int number)
    {
        if (number < 0) Put((byte)'-');
        return Add(number < 0 ? 0UL - (ulong)(long)number : (ulong)number);
    }

    /// <summary>0x and at least so many hexadecimal digits.</summary>
    public Text Hex(ulong number, int digits = 1)
    {
        Add("0x"u8);
        for (int i = 15; i >= 0; i--)
        {
            ulong rest = number >> (4 * i);
            if (rest != 0 || i < digits) Put("0123456789abcdef"u8[(int)(rest & 15)]);
        }
        return this;
    }

    private void Put(byte b)
    {
        if (Length < _bytes.Length) _bytes[Length++] = b;
    }
}
