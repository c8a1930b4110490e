using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>
/// Random bytes for guests and seeds, from a little true randomness: ChaCha20 (RFC 8439) under a key that each request replaces
/// by its own first output, so that what was given out cannot be computed from what is in memory later.
/// </summary>
public sealed class RandomPool : RandomSource
{
    public const int SeedBytes = 32;

    private const int BlockWords = 16, BlockBytes = 64, KeyWords = 8, Rounds = 20;

    private readonly uint[] _key = new uint[KeyWords];
    private readonly uint[] _block = new uint[BlockWords];
    private SpinLock _lock;
    private uint _counter;

    /// <summary>Mixes a seed in; what was in the pool stays in, so that a bad seed does no harm.</summary>
    /// <param name="seed">Of any length.</param>
    public void Seed(ReadOnlySpan<byte> seed)
    {
        _lock.Enter();
        for (int at = 0; at < seed.Length; at += SeedBytes)
        {
            for (int i = 0; i < SeedBytes && at + i < seed.Length; i++) _key[i / 4] ^= (uint)seed[at + i] << (8 * (i % 4));
            ReplaceKey();
        }

        _lock.Exit();
    }

    public override void Fill(Span<byte> bytes)
    {
        _lock.Enter();
        ReplaceKey(); // leaves the second half of block 0 unused
        for (int i = 0; i < bytes.Length; i++)
        {
            int at = i % BlockBytes;
            if (at == 0) Next();
            bytes[i] = (byte)(_block[at / 4] >> (8 * (at % 4)));
        }

        ReplaceKey();
        _lock.Exit();
    }

    /// <summary>The ChaCha20 block function.</summary>
    internal static void Block(Span<uint> block, ReadOnlySpan<uint> key, uint counter, uint nonce0, uint nonce1, uint nonce2)
    {
        Begin(block, key, counter, nonce0, nonce1, nonce2);
        for (int round = 0; round < Rounds; round += 2)
        {
            for (int i = 0; i < 4; i++) Quarter(ref block[i], ref block[4 + i], ref block[8 + i], ref block[12 + i]);
            for (int i = 0; i < 4; i++) Quarter(ref block[i], ref block[4 + (i + 1) % 4], ref block[8 + (i + 2) % 4], ref block[12 + (i + 3) % 4]);
        }

        // Adds what the rounds began with.
        block[0] += 0x6170_7865;
        block[1] += 0x3320_646E;
        block[2] += 0x7962_2D32;
        block[3] += 0x6B20_6574;
        for (int i = 0; i < KeyWords; i++) block[4 + i] += key[i];
        block[12] += counter;
        block[13] += nonce0;
        block[14] += nonce1;
        block[15] += nonce2;
    }

    private static void Begin(Span<uint> block, ReadOnlySpan<uint> key, uint counter, uint nonce0, uint nonce1, uint nonce2)
    {
        block[0] = 0x6170_7865; // "expand 32-byte k"
        block[1] = 0x3320_646E;
        block[2] = 0x7962_2D32;
        block[3] = 0x6B20_6574;
        for (int i = 0; i < KeyWords; i++) block[4 + i] = key[i];
        block[12] = counter;
        block[13] = nonce0;
        block[14] = nonce1;
        block[15] = nonce2;
    }

    private static void Quarter(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = Rotate(d ^ a, 16);
        c += d;
        b = Rotate(b ^ c, 12);
        a += b;
        d = Rotate(d ^ a, 8);
        c += d;
        b = Rotate(b ^ c, 7);
    }

    private static uint Rotate(uint value, int bits) => value << bits | value >> (32 - bits);

    private void Next() => Block(_block, _key, _counter++, 0, 0, 0);

    private void ReplaceKey()
    {
        Next();
        for (int i = 0; i < KeyWords; i++) _key[i] = _block[i];
        _counter = 0;
    }
}
