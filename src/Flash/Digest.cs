using System;

namespace Pocketvisor.Flash;

/// <summary>A running SHA-256. Its two implementations are .NET's on the PC and libsodium's in the keeper.</summary>
public abstract class Digest
{
    /// <summary>Bytes of a digest.</summary>
    public const int Bytes = 32;

    /// <summary>Begins anew.</summary>
    public abstract void Reset();

    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>The digest of what was appended. Call <see cref="Reset"/> before the next one.</summary>
    public abstract void Finish(Span<byte> digest);
}
