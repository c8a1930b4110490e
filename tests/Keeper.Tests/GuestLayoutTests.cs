using System;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Profiles;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

public sealed class GuestLayoutTests
{
    [Fact]
    public void NothingOverlapsAndAllIsInside() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        ulong memory = (ulong)random.Next(1, 64) << 21, initrd = (ulong)random.Next(0, 64 << 20);
        Assert.True(KernelImage.TryRead(Header((ulong)random.Next(0, 2) * 0x8_0000, (ulong)random.Next(64, 64 << 20), 100), 100, out KernelImage image));
        bool made = GuestLayout.TryMake(memory, image, initrd, out GuestLayout layout);
        if (!made) return image.TextOffset + image.Size + initrd + 0x1_0000 > memory;
        return layout.Kernel >= 0x4000_0000 && layout.Kernel + image.Size <= layout.Initrd && layout.Initrd + initrd <= layout.Tree
            && layout.Tree + GuestLayout.TreeSize == 0x4000_0000 + memory && layout.Initrd % 4096 == 0;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(ulong.MaxValue, 64UL)]
    [InlineData(0UL, ulong.MaxValue)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    public void AbsurdHeadersAreRefused(ulong textOffset, ulong size)
    {
        Assert.True(KernelImage.TryRead(Header(textOffset, size, 64), 64, out KernelImage image));
        Assert.False(GuestLayout.TryMake(1UL << 36, image, 0, out _));
    }

    [Fact]
    public void OtherFilesAreNoKernels()
    {
        Assert.False(KernelImage.TryRead(new byte[63], 63, out _));
        Assert.False(KernelImage.TryRead(new byte[4096], 4096, out _));
    }

    private static byte[] Header(ulong textOffset, ulong size, int fileSize)
    {
        byte[] file = new byte[fileSize];
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(8), textOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), size);
        "ARM\x64"u8.CopyTo(file.AsSpan(56));
        return file;
    }
}
