using System;

namespace Pocketvisor.Keeper.Devices;

/// <summary>
/// The last bytes of a stream. Writers are never held up; readers keep their own place, and one that falls too far behind
/// loses the oldest bytes.
/// </summary>
/// <remarks>
/// <code>
///   forgotten │ Start ░░░░░░ place ▒▒▒▒▒▒▒▒▒▒ End │ not yet said
/// </code>
/// Places count bytes from the beginning of the stream, so they only grow.
/// </remarks>
public sealed class Backlog
{
    private readonly byte[] _bytes;

    /// <param name="capacity">A power of two.</param>
    public Backlog(int capacity) => _bytes = new byte[capacity];

    public int Capacity => _bytes.Length;

    public ulong End { get; private set; }

    public ulong Start => End > (ulong)_bytes.Length ? End - (ulong)_bytes.Length : 0;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bytes.Length)
        {
            End += (ulong)(bytes.Length - _bytes.Length);
            bytes = bytes.Slice(bytes.Length - _bytes.Length);
        }

        int at = Index(End);
        int straight = Math.Min(bytes.Length, _bytes.Length - at);
        bytes.Slice(0, straight).CopyTo(new Span<byte>(_bytes, at, straight));
        bytes.Slice(straight).CopyTo(new Span<byte>(_bytes, 0, bytes.Length - straight));
        End += (ulong)bytes.Length;
    }

    /// <summary>Copies what follows the place; a place that was forgotten moves up to <see cref="Start"/> first. Moves the place no further.</summary>
    public int Peek(ref ulong place, Span<byte> destination)
    {
        if (place < Start) place = Start;
        int n = (int)Math.Min((ulong)destination.Length, End - place);
        int at = Index(place);
        int straight = Math.Min(n, _bytes.Length - at);
        new ReadOnlySpan<byte>(_bytes, at, straight).CopyTo(destination);
        new ReadOnlySpan<byte>(_bytes, 0, n - straight).CopyTo(destination.Slice(straight));
        return n;
    }

    private int Index(ulong place) => (int)(place & (ulong)(_bytes.Length - 1));
}
