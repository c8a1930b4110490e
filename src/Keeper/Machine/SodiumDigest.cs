using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Flash;

namespace Pocketvisor.Keeper.Machine;

/// <summary>
/// SHA-256 by libsodium (its manual, "SHA-2"). It uses vector registers, which makes the exits around it slower: for the start of a
/// profile, not for hot paths.
/// </summary>
public sealed unsafe class SodiumDigest : Digest
{
    // crypto_hash_sha256_state: eight words of 32 bits, the count of bits, a block of 64 bytes. Words of 64 bits align it.
    private readonly ulong[] _state = new ulong[(32 + 8 + 64) / 8];

    public SodiumDigest() => Reset();

    public override void Reset() => Initialize(State);

    public override void Append(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty) Update(State, Unsafe.AsPointer(ref Unsafe.AsRef(in data[0])), (ulong)data.Length);
    }

    public override void Finish(Span<byte> digest) => Final(State, Unsafe.AsPointer(ref digest.Slice(0, Bytes)[0]));

    // The heap never moves what it holds.
    private void* State => Unsafe.AsPointer(ref _state[0]);

    // They return 0, always.
    [RuntimeImport("*", "crypto_hash_sha256_init"), MethodImpl(MethodImplOptions.InternalCall)] private static extern int Initialize(void* state);
    [RuntimeImport("*", "crypto_hash_sha256_update"), MethodImpl(MethodImplOptions.InternalCall)] private static extern int Update(void* state, void* data, ulong length);
    [RuntimeImport("*", "crypto_hash_sha256_final"), MethodImpl(MethodImplOptions.InternalCall)] private static extern int Final(void* state, void* digest);
}
