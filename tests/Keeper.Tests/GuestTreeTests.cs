using System;
using System.Diagnostics;
using System.Linq;
using Pocketvisor.DeviceTree;
using Pocketvisor.Keeper.DeviceTrees;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

/// <summary>The guests' device tree, as dtc (Debian package device-tree-compiler) and our own reader see it.</summary>
public sealed class GuestTreeTests
{
    [Fact]
    public void DtcFindsNothingWrong()
    {
        string source = Dtc(Write(cores: 2), out string warnings);
        Assert.Equal("", warnings);
        Assert.Contains("compatible = \"linux,dummy-virt\";", source);
        Assert.Contains("bootargs = \"console=ttyAMA0 a=\\\"b\\\"\";", source);
        Assert.Contains("compatible = \"arm,psci-1.0\\0arm,psci-0.2\";", source);
        Assert.Contains("reg = <0x00 0x8000000 0x00 0x10000 0x00 0x80a0000 0x00 0x40000>;", source);
        Assert.Contains("interrupts = <0x01 0x0d 0x04 0x01 0x0e 0x04 0x01 0x0b 0x04 0x01 0x0a 0x04>;", source);
        Assert.Contains("linux,initrd-start = <0x00 0x44000000>;", source);
        Assert.Contains("rng-seed = <0x7070707 ", source);
        Assert.Contains("cpu@1 {", source);
        Assert.DoesNotContain("cpu@2 {", source);
    }

    [Fact]
    public void WithoutInitrdThereIsNone()
    {
        string source = Dtc(Write(cores: 8, initrdEnd: 0x4400_0000), out _);
        Assert.DoesNotContain("initrd", source);
        Assert.Contains("cpu@7 {", source);
    }

    [Fact]
    public void OurReaderReadsIt()
    {
        var tree = new FdtReader(Write(cores: 3));
        int processors = 0, virtio = 0;
        ulong memory = 0;
        while (tree.NextNode())
        {
            if (tree.Lists("device_type"u8, "cpu"u8)) processors++;
            if (tree.Lists("device_type"u8, "memory"u8)) Assert.True(tree.Reg(0, out _, out memory));
            if (tree.IsCompatible("virtio,mmio"u8))
            {
                Assert.True(tree.Reg(0, out ulong address, out ulong size));
                Assert.Equal((0x0A00_0000UL + (ulong)virtio++ * 0x200, 0x200UL), (address, size));
            }
        }
        Assert.False(tree.IsDamaged);
        Assert.Equal((3, 512UL << 20, 7), (processors, memory, virtio));
    }

    [Fact]
    public void TooLittleRoomIsNoticed()
    {
        int needed = Write(cores: 1).Length;
        for (int room = 0; room < needed; room += 7)
            Assert.False(Tree(1, 0x4410_0000).TryWrite(new byte[room], new byte[512], out _));
        Assert.False(Tree(1, 0x4410_0000).TryWrite(new byte[0x4000], new byte[40], out _));
        Assert.True(Tree(1, 0x4410_0000).TryWrite(new byte[needed], new byte[512], out _));
    }

    private static GuestTree Tree(int cores, ulong initrdEnd) => new()
    {
        Memory = 512 << 20,
        Cores = cores,
        CommandLine = "console=ttyAMA0 a=\"b\""u8,
        InitrdStart = 0x4400_0000,
        InitrdEnd = initrdEnd,
        RandomSeed = Enumerable.Repeat((byte)7, 64).ToArray(),
        KaslrSeed = new byte[8],
    };

    private static byte[] Write(int cores, ulong initrdEnd = 0x4410_0000)
    {
        byte[] blob = new byte[0x4000];
        Assert.True(Tree(cores, initrdEnd).TryWrite(blob, new byte[512], out int size));
        return blob[..size];
    }

    private static string Dtc(byte[] blob, out string warnings)
    {
        using Process dtc = Process.Start(new ProcessStartInfo("dtc", "-I dtb -O dts -o - -")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        dtc.StandardInput.BaseStream.Write(blob);
        dtc.StandardInput.Close();
        string source = dtc.StandardOutput.ReadToEnd();
        warnings = dtc.StandardError.ReadToEnd();
        dtc.WaitForExit();
        Assert.Equal(0, dtc.ExitCode);
        return source;
    }
}
