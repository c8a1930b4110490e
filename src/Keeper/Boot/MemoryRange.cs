namespace Pocketvisor.Keeper.Boot;

/// <summary>Physical addresses from <see cref="Start"/> up to, not including, <see cref="End"/>.</summary>
public struct MemoryRange
{
    public ulong Start, End;

    public MemoryRange(ulong start, ulong size)
    {
        Start = start;
        End = start + size;
    }

    public readonly ulong Size => End - Start;
    public readonly bool Overlaps(ulong start, ulong end) => start < End && Start < end;
}
