using System;
using System.Buffers.Binary;
using System.Threading;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.DeviceTree;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.DeviceTree;

/// <summary>Whatever lies where a tree should: the walk ends, without an exception.</summary>
public sealed class DamagedTreeTests
{
    private static readonly byte[] s_tree = DeviceTreeCompiler.Compile("""
        /dts-v1/;
        / {
            #address-cells = <2>; #size-cells = <2>;
            compatible = "linux,dummy-virt";
            memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x80000000>; };
            cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { device_type = "cpu"; reg = <0>; }; };
            intc@8000000 { compatible = "arm,gic-v3"; reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0xf60000>; };
            pl011@9000000 { compatible = "arm,pl011", "arm,primecell"; reg = <0 0x9000000 0 0x1000>; };
        };
        """);

    [Fact]
    public void EveryByteChangedToEveryValue() => Within(120, () =>
    {
        byte[] blob = [.. s_tree];
        for (int at = 0; at < blob.Length; at++)
        {
            for (int change = 1; change < 256; change++)
            {
                blob[at] = (byte)(s_tree[at] ^ change);
                Walk(blob);
            }
            blob[at] = s_tree[at];
        }
    });

    [Fact]
    public void EveryTruncation() => Within(30, () =>
    {
        for (int length = 0; length <= s_tree.Length; length++)
        {
            byte[] blob = s_tree[..length];
            Walk(blob);
            if (length < 8) continue;
            BinaryPrimitives.WriteUInt32BigEndian(blob.AsSpan(4), (uint)length); // as if it were meant so
            Walk(blob);
        }
    });

    [Fact]
    public void RandomJunkWithAHeader() => Within(60, () => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        byte[] blob = new byte[random.Next(8, 400)];
        random.NextBytes(blob);
        s_tree.AsSpan(0, Math.Min(blob.Length, random.Next(8, 57))).CopyTo(blob);
        BinaryPrimitives.WriteUInt32BigEndian(blob.AsSpan(4), (uint)blob.Length);
        for (int at = 56; at + 4 <= blob.Length; at += 4) // tokens are likely
            if (random.Next(2) == 0) BinaryPrimitives.WriteUInt32BigEndian(blob.AsSpan(at), random.Next(4) == 0 ? (uint)random.Next(40) : (uint)random.Next(1, 5));
        Walk(blob);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000)));

    [Fact]
    public void SeveralBytesChanged() => Within(60, () => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        byte[] blob = [.. s_tree];
        for (int i = random.Next(1, 9); i > 0; i--) blob[random.Next(blob.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : random.Next(2) * 255);
        Walk(blob);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000)));

    [Fact]
    public void NodesThatNeverEndAreDamage()
    {
        byte[] blob = [.. s_tree, .. new byte[4096]];
        BinaryPrimitives.WriteUInt32BigEndian(blob.AsSpan(4), (uint)blob.Length);
        BinaryPrimitives.WriteUInt32BigEndian(blob.AsSpan(8), (uint)s_tree.Length);
        for (int at = s_tree.Length; at < blob.Length; at += 8) BinaryPrimitives.WriteUInt32BigEndian(blob.AsSpan(at), 1);
        var tree = new FdtReader(blob);
        int nodes = 0;
        while (tree.NextNode()) nodes++;
        Assert.True(tree.IsDamaged);
        Assert.InRange(nodes, 1, 16);
    }

    private static void Walk(byte[] blob)
    {
        var tree = new FdtReader(blob);
        int nodes = 0;
        while (tree.NextNode())
        {
            Assert.True(++nodes <= blob.Length / 4, "more nodes than fit");
            _ = tree.Name.Length + tree.Depth + tree.Property("compatible"u8).Length + tree.Property("no-such"u8).Length;
            tree.IsCompatible("arm,pl011"u8);
            for (int i = 0; i < 4; i++) tree.Reg(i, out _, out _);
        }
        _ = tree.Name.Length;
    }

    // A walk that hangs fails, instead of hanging the tests.
    private static void Within(int seconds, Action action)
    {
        Exception thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                thrown = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(seconds)), "still walking");
        if (thrown is not null) throw new InvalidOperationException("See the inner exception.", thrown);
    }
}
