using System;

namespace Pocketvisor.Keeper.Devices;

/// <summary>Where unpredictable bytes come from. Safe from every core.</summary>
public abstract class RandomSource
{
    public abstract void Fill(Span<byte> bytes);
}
