using System;

namespace Pocketvisor.Keeper.Profiles;

public ref partial struct JsonReader
{
    /// <summary>The current number, if it is a whole one without a sign: 2, and also 2.0, 20e-1 or 0.2E1.</summary>
    public readonly bool TryGetInteger(out ulong value)
    {
        value = 0;
        if (Token != JsonToken.Number || Raw[0] == '-') return false;
        int power = Exponent(out int end), digits = 0; // the power of ten of the digit before the point
        while (digits < end && Raw[digits] != '.') digits++;
        power += digits - 1;
        for (int i = 0; i < end; i++)
        {
            uint digit = (uint)Raw[i] - '0';
            if (digit > 9) continue; // the point
            if (power-- < 0)
            {
                if (digit != 0) return false;
            }
            else if (!Append(ref value, digit))
            {
                return false;
            }
        }
        while (value != 0 && power-- >= 0)
            if (!Append(ref value, 0)) return false;
        return true;
    }

    // Of the current number; 0 if there is none. A huge one may be cut: so many digits no number has that fits.
    private readonly int Exponent(out int at)
    {
        const int limit = 1_000_000;
        for (at = 0; at < Raw.Length && (Raw[at] | 0x20) != 'e';) at++;
        int exponent = 0;
        for (int i = at + 1; i < Raw.Length; i++)
            if (Raw[i] is >= (byte)'0' and <= (byte)'9' && exponent < limit) exponent = exponent * 10 + Raw[i] - '0';
        return at + 1 < Raw.Length && Raw[at + 1] == '-' ? -exponent : exponent;
    }

    private static bool Append(ref ulong value, uint digit)
    {
        if (value > (ulong.MaxValue - digit) / 10) return false;
        value = value * 10 + digit;
        return true;
    }
}
