using System.Security.Cryptography;
using Pocketvisor.Flash;

namespace Pocketvisor.Handsets;

/// <summary>.NET's SHA-256.</summary>
public sealed class Sha256Digest : Digest, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _discarded = new byte[Bytes];

    /// <inheritdoc/>
    public override void Reset() => _hash.GetHashAndReset(_discarded);

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    /// <inheritdoc/>
    public override void Finish(Span<byte> digest) => _hash.GetHashAndReset(digest);

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
