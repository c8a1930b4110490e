using System.Security.Cryptography;
using Pocketvisor.Flash;

namespace Pocketvisor.Profiles;

/// <summary>SHA-256 by .NET.</summary>
public sealed class Sha256Digest : Digest, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <inheritdoc/>
    public override void Reset() => _hash.TryGetHashAndReset(stackalloc byte[Bytes], out _);

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    /// <inheritdoc/>
    public override void Finish(Span<byte> digest) => _hash.GetHashAndReset(digest);

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
