using System;

namespace Pocketvisor.Keeper.Devices;

/// <summary>Where unpredictable bytes come from. Safe from every core.</summary>
public abstract class RandomSource
{
    /// <summary>Gives bytes that nobody else gets or got. Never waits.</summary>
    /// <returns>How many; 0 if there are none now.</returns>
    public abstract int Take(Span<byte> bytes);
}
