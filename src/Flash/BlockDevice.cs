using System;

namespace Pocketvisor.Flash;

/// <summary>
/// Flash memory in sectors: a file on the PC, the handset's virtio-blk device in the keeper. Each call is done when it returns. What
/// was written may still be lost with the power until <see cref="TryFlush"/>, and in any order.
/// </summary>
public abstract class BlockDevice
{
    public const int SectorBytes = 512;

    /// <summary>Sectors of <see cref="SectorBytes"/>.</summary>
    public abstract ulong Sectors { get; }

    /// <param name="sector">The first one.</param>
    /// <param name="data">A multiple of <see cref="SectorBytes"/>.</param>
    /// <returns>False if the device failed or the range is not on it.</returns>
    public abstract bool TryRead(ulong sector, Span<byte> data);

    /// <inheritdoc cref="TryRead"/>
    public abstract bool TryWrite(ulong sector, ReadOnlySpan<byte> data);

    /// <summary>Writes zeros, or makes the sectors read as such.</summary>
    /// <inheritdoc cref="TryRead"/>
    public abstract bool TryZero(ulong sector, ulong count);

    /// <summary>What was written before survives a loss of power.</summary>
    public abstract bool TryFlush();
}
