using System;
using System.Linq;
using Pocketvisor.Keeper.Drivers;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class RandomPoolTests
{
    /// <summary>RFC 8439, "Test Vector for the ChaCha20 Block Function".</summary>
    [Fact]
    public void BlockFunctionIsChaCha20()
    {
        uint[] key = Enumerable.Range(0, 8).Select(i => BitConverter.ToUInt32([(byte)(4 * i), (byte)(4 * i + 1), (byte)(4 * i + 2), (byte)(4 * i + 3)])).ToArray();
        uint[] block = new uint[16];
        RandomPool.Block(block, key, 1, 0x0900_0000, 0x4A00_0000, 0);
        uint[] expected =
        [
            0xE4E7F110, 0x15593BD1, 0x1FDD0F50, 0xC47120A3,
            0xC7F4D1C7, 0x0368C033, 0x9AAA2204, 0x4E6CD4C3,
            0x466482D2, 0x09AA9F07, 0x05D7C214, 0xA2028BD9,
            0xD19C12B5, 0xB94E16DE, 0xE883D0CB, 0x4E3C50A2,
        ];
        Assert.Equal(expected, block);
    }

    [Fact]
    public void SameSeedSameBytesAndEveryRequestIsNew()
    {
        RandomPool a = new(), b = new();
        a.Seed(new byte[] { 1, 2, 3 });
        b.Seed(new byte[] { 1, 2, 3 });
        byte[] x = new byte[100], y = new byte[100];
        a.Fill(x);
        b.Fill(y);
        Assert.Equal(x, y);
        a.Fill(x);
        Assert.NotEqual(x, y);
    }

    [Fact]
    public void AnotherSeedKeepsWhatWasInThePool()
    {
        RandomPool a = new(), b = new();
        a.Seed(new byte[] { 1 });
        b.Seed(new byte[] { 2 });
        byte[] zero = new byte[64], x = new byte[64], y = new byte[64];
        a.Seed(zero);
        b.Seed(zero);
        a.Fill(x);
        b.Fill(y);
        Assert.NotEqual(x, y);
    }

    [Fact]
    public void BytesLookEven()
    {
        RandomPool pool = new();
        pool.Seed("seed"u8);
        byte[] bytes = new byte[0x1_0000];
        pool.Fill(bytes);
        double chi = Enumerable.Range(0, 256).Sum(v => Math.Pow(bytes.Count(b => b == v) - 256, 2) / 256);
        Assert.InRange(chi, 150, 380);
    }
}
