using System;
using Pocketvisor.Keeper.Link;

namespace Pocketvisor.Keeper.Boot;

/// <summary>The link of a handset without one.</summary>
public sealed class NoCable : ByteStream
{
    public override bool IsOpen => false;

    public override int Read(Span<byte> destination) => 0;

    public override bool TryWrite(ReadOnlySpan<byte> bytes) => false;

    public override void Poll()
    {
    }
}
