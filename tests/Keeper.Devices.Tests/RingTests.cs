using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class RingTests
{
    /// <summary>Positive numbers write so many bytes, others read.</summary>
    [Fact]
    public void ByteRingIsAQueueThatRefusesWhatDoesNotFit() => Prop.ForAll<int[]>(steps =>
    {
        ByteRing ring = new(13);
        Queue<byte> model = new();
        byte next = 0;
        foreach (int step in steps)
        {
            if (step > 0)
            {
                byte[] bytes = Enumerable.Range(0, step % 20).Select(_ => next++).ToArray();
                int expected = Math.Min(bytes.Length, 13 - model.Count);
                if (ring.Write(bytes) != expected) return false;
                foreach (byte b in bytes.Take(expected)) model.Enqueue(b);
            }
            else
            {
                byte[] bytes = new byte[-(step % 20)];
                int n = ring.Read(bytes);
                if (n != Math.Min(bytes.Length, model.Count)) return false;
                for (int i = 0; i < n; i++)
                {
                    if (bytes[i] != model.Dequeue()) return false;
                }
            }

            if (ring.Count != model.Count || ring.Free != 13 - model.Count) return false;
        }

        return ring.ReadByte() == (model.Count == 0 ? -1 : model.Peek());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void ByteRingTakesAllOrNothing()
    {
        ByteRing ring = new(4);
        Assert.True(ring.TryWriteAll("abc"u8));
        Assert.False(ring.TryWriteAll("de"u8));
        Assert.Equal(3, ring.Count);
    }

    [Fact]
    public void BacklogRemembersTheLastBytes() => Prop.ForAll<byte[][]>(chunks =>
    {
        Backlog backlog = new(16);
        List<byte> all = [];
        ulong place = 0;
        List<byte> read = [];
        bool lost = false;
        foreach (byte[] chunk in chunks)
        {
            backlog.Append(chunk);
            all.AddRange(chunk);
            if (chunk.Length % 3 != 0) continue; // a reader that does not always come

            byte[] bytes = new byte[7];
            lost |= place < backlog.Start;
            int n = backlog.Peek(ref place, bytes);
            if (!bytes.AsSpan(0, n).SequenceEqual(all.Skip((int)place).Take(n).ToArray())) return false;
            place += (ulong)n;
            read.AddRange(bytes.Take(n));
        }

        ulong start = 0;
        byte[] rest = new byte[100];
        int remembered = backlog.Peek(ref start, rest);
        return remembered == Math.Min(all.Count, 16)
            && rest.AsSpan(0, remembered).SequenceEqual(all.TakeLast(remembered).ToArray())
            && (lost || read.SequenceEqual(all.Take(read.Count)));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0x1000ul, 1, true)]
    [InlineData(0x1000ul, 0x100, true)]
    [InlineData(0x10FFul, 1, true)]
    [InlineData(0x1000ul, 0x101, false)]
    [InlineData(0x10FFul, 2, false)]
    [InlineData(0x1100ul, 1, false)]
    [InlineData(0x0FFFul, 1, false)]
    [InlineData(0x0FFFul, 2, false)]
    [InlineData(0x1000ul, 0, false)]
    [InlineData(0x1000ul, -1, false)]
    [InlineData(0x1000ul, int.MinValue, false)]
    [InlineData(0x1000ul, int.MaxValue, false)]
    [InlineData(ulong.MaxValue, 1, false)]
    [InlineData(ulong.MaxValue, int.MaxValue, false)]
    [InlineData(0ul, 1, false)]
    public void GuestMemoryEndsAtItsEnds(ulong address, int length, bool inside)
    {
        Fakes.ArrayMemory memory = new(0x1000, 0x100);
        Assert.Equal(inside, !memory.Slice(address, length).IsEmpty);
        if (length > 0) Assert.Equal(inside, memory.Contains(address, (ulong)length));
    }

    [Fact]
    public void GuestMemoryContainsItsEmptyEnd()
    {
        Fakes.ArrayMemory memory = new(0x1000, 0x100);
        Assert.True(memory.Contains(0x1100, 0));
        Assert.False(memory.Contains(0x1101, 0));
        Assert.False(memory.Contains(0x1001, ulong.MaxValue));
    }
}
