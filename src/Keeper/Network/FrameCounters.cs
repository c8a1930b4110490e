using System.Threading;

namespace Pocketvisor.Keeper.Network;

/// <summary>How many frames met which fate. One core at a time counts; any core looks.</summary>
public sealed class FrameCounters
{
    private readonly ulong[] _counts = new ulong[(int)FrameFate.LinkDown + 1];

    public ulong this[FrameFate fate] => Volatile.Read(ref _counts[(int)fate]);

    public void Add(FrameFate fate) => Volatile.Write(ref _counts[(int)fate], _counts[(int)fate] + 1);
}
