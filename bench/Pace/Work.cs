using System.Runtime.CompilerServices;
using Pocketvisor.Guests;

namespace Pocketvisor.Bench.Pace;

/// <summary>The work, and its clock.</summary>
internal static class Work
{
    private const ulong MostRounds = 64, Steps = 1000;
    private const ulong MemoryMask = (1 << 20) - 8;

    /// <summary>Longer than this between two units, in ticks (1 ms at 62.5 MHz): somebody else had the core.</summary>
    private const ulong Away = 62_500;

    [InlineArray((int)MostRounds)]
    private struct Rounds { private Round _first; }

    private struct Round { public ulong From, To, Gaps, Away, Interrupts; }

    private static Rounds s_rounds;

    /// <summary>Does all rounds, then says: round, from, to, times away, ticks away, timer interrupts. Then the sum, which is the same everywhere.</summary>
    public static void Run(Machine machine, ulong memory)
    {
        ulong rounds = machine.Number("rounds="u8), units = machine.Number("units="u8), say = machine.Number("say="u8), sum = 1;
        WaitUntil(machine.Number("begin="u8));
        if (rounds > MostRounds) rounds = MostRounds;
        for (ulong i = 0; rounds == 0 || i < rounds; i++)
        {
            ref Round round = ref s_rounds[(int)(i % MostRounds)];
            sum = Do(units, memory, ref round, sum);
            if (rounds == 0) Say(i, ref round);
        }
        WaitUntil(say);
        for (ulong i = 0; i < rounds; i++) Say(i, ref s_rounds[(int)i]);
        Console.Line("pace: sum"u8, sum);
    }

    private static ulong Do(ulong units, ulong memory, ref Round round, ulong sum)
    {
        round = default;
        ulong interrupts = Timer.Interrupts, from = Timer.Now, last = from;
        for (ulong i = 0; i < units; i++)
        {
            sum = memory == 0 ? Calculate(sum) : Walk(sum, memory);
            ulong now = Timer.Now;
            if (now - last > Away)
            {
                round.Gaps++;
                round.Away += now - last;
            }
            last = now;
        }
        round.From = from;
        round.To = last;
        round.Interrupts = Timer.Interrupts - interrupts;
        return sum;
    }

    // Marsaglia, "Xorshift RNGs" (2003): seven instructions that depend on each other, and no memory.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Calculate(ulong x)
    {
        for (ulong i = 0; i < Steps; i++)
        {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
        }
        return x;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Walk(ulong x, ulong memory)
    {
        for (ulong i = 0; i < Steps; i++)
        {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            ulong at = memory + (x & MemoryMask);
            Memory.Write64(at, Memory.Read64(at) + x);
        }
        return x;
    }

    private static void WaitUntil(ulong time)
    {
        while (Timer.Now < time) Cpu.WaitForInterrupt();
    }

    private static void Say(ulong number, ref Round round)
    {
        Console.Print("guest: pace: round "u8);
        Console.Decimal(number);
        Number(round.From);
        Number(round.To);
        Number(round.Gaps);
        Number(round.Away);
        Number(round.Interrupts);
        Console.Print("\r\n"u8);
    }

    private static void Number(ulong value)
    {
        Console.Print(" "u8);
        Console.Decimal(value);
    }
}
