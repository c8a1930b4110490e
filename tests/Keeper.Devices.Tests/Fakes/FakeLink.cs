using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A cable with a PC at the other end that reads frames with a parser of its own.</summary>
public sealed class FakeStream : ByteStream
{
    private static readonly uint[] s_checks = [.. Enumerable.Range(0, 256).Select(i => Enumerable.Range(0, 8).Aggregate((uint)i, (crc, _) => (crc & 1) != 0 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1))];

    private readonly Queue<byte> _toKeeper = new();
    private readonly List<byte> _toPc = [];

    /// <summary>Bytes that the cable takes before it is full.</summary>
    public int Room { get; set; } = int.MaxValue;

    public bool Open { get; set; } = true;

    public uint NextSession { get; set; }

    /// <summary>The keeper's key, as the PC knows it.</summary>
    public uint KeeperKey { get; set; }

    /// <summary>The PC's.</summary>
    public uint Key { get; set; }

    public override bool IsOpen => Open;

    public override uint Session => NextSession;

    /// <summary>A frame as bytes, whose checks are right.</summary>
    public static byte[] Frame(LinkFrameType type, ushort profile = 0xFFFF, byte[] payload = null, ushort id = 0, uint key = 0)
    {
        payload ??= [];
        byte[] head =
        [
            0x51, (byte)type, (byte)profile, (byte)(profile >> 8), (byte)payload.Length, (byte)(payload.Length >> 8), (byte)id, (byte)(id >> 8),
            .. BitConverter.GetBytes(Check(payload)),
        ];
        return [.. head, .. BitConverter.GetBytes(Check(head) ^ (type is LinkFrameType.Knock or LinkFrameType.Welcome ? 0 : key)), .. payload];
    }

    public void Send(LinkFrameType type, ushort profile = 0xFFFF, byte[] payload = null, ushort id = 0) => Send(Frame(type, profile, payload, id, KeeperKey));

    public void Send(byte[] bytes)
    {
        foreach (byte b in bytes) _toKeeper.Enqueue(b);
    }

    public void Hello() => Send(LinkFrameType.Hello, payload: [5, 0, 0, 0, .. BitConverter.GetBytes(Key)], id: 1);

    /// <summary>Everything that the PC got since the last call.</summary>
    public List<(LinkFrameType Type, ushort Profile, ushort Id, byte[] Payload)> Frames()
    {
        List<(LinkFrameType, ushort, ushort, byte[])> frames = [];
        int at = 0;
        while (at < _toPc.Count)
        {
            byte[] head = _toPc.Skip(at).Take(16).ToArray();
            uint key = head[1] is 0 or 0x80 ? 0 : Key;
            if (head[0] != 0x51 || BitConverter.ToUInt32(head, 12) != (Check(head.AsSpan(0, 12)) ^ key)) throw new InvalidOperationException("The keeper sent garbage.");
            int length = head[4] | head[5] << 8;
            byte[] payload = _toPc.GetRange(at + 16, length).ToArray();
            if (BitConverter.ToUInt32(head, 8) != Check(payload)) throw new InvalidOperationException("The keeper sent a payload that its check does not fit.");
            frames.Add(((LinkFrameType)head[1], (ushort)(head[2] | head[3] << 8), (ushort)(head[6] | head[7] << 8), payload));
            at += 16 + length;
        }

        _toPc.Clear();
        return frames;
    }

    public override int Read(Span<byte> destination)
    {
        int n = 0;
        while (n < destination.Length && _toKeeper.TryDequeue(out byte b)) destination[n++] = b;
        return n;
    }

    public override bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Room) return false;
        Room -= bytes.Length;
        _toPc.AddRange(bytes);
        return true;
    }

    public override void Flush()
    {
    }

    public override void Poll()
    {
    }

    private static uint Check(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte b in bytes) crc = crc >> 8 ^ s_checks[(byte)(crc ^ b)];
        return ~crc;
    }
}

/// <summary>A keeper that writes down what it is asked.</summary>
public sealed class FakeHandler : LinkHandler
{
    public List<string> Calls { get; } = [];

    public LinkStatus Answer { get; set; } = LinkStatus.Ok;

    public string Reason { get; set; } = "";

    public ulong Time { get; set; } = 1000;

    public uint Key { get; set; }

    public override int ProfileCount => 2;

    public override ulong Now => Time;

    public int KeysTaken { get; private set; }

    public override uint NewKey()
    {
        KeysTaken++;
        return Key;
    }

    public override void Hello(LinkHelloReply reply)
    {
        reply.Cores = 4;
        reply.Profiles = 2;
        reply.Memory = 1UL << 31;
        reply.HypervisorBytes = 3;
        reply.KeeperBytes = 5;
    }

    public override bool TryDescribe(int profile, LinkProfileRecord record)
    {
        record.Name = profile == 0 ? "personal"u8 : "work"u8;
        record.State = profile == 0 ? LinkProfileState.Running : LinkProfileState.Off;
        record.Cores = 2;
        record.Weight = 100;
        record.Memory = 512 << 20;
        record.CpuTime = 7;
        record.Exits = 8;
        record.Uptime = 9;
        return true;
    }

    public override void Owners(LinkOwnersReply reply)
    {
        reply.KeeperPages = 1;
        reply.LentPages = 2;
        reply.HypervisorPages = 3;
        reply.Digest = 0x0123_4567_89AB_CDEF;
        reply.FreePages = 4;
    }

    public override LinkStatus Start(int profile, Text reason) => Record($"start {profile}", reason);

    public override LinkStatus Stop(int profile, bool force, Text reason) => Record($"stop {profile} {force}", reason);

    public override LinkStatus Restart(int profile, bool force, Text reason) => Record($"restart {profile} {force}", reason);

    public override LinkStatus Shutdown(bool force, Text reason) => Record($"shutdown {force}", reason);

    public override void Input(int profile, ReadOnlySpan<byte> bytes) => Calls.Add($"input {profile} {Encoding.UTF8.GetString(bytes)}");

    public override void Resize(int profile, int columns, int rows) => Calls.Add($"resize {profile} {columns}x{rows}");

    private LinkStatus Record(string call, Text reason)
    {
        Calls.Add(call);
        reason.Add(Encoding.UTF8.GetBytes(Reason));
        return Answer;
    }
}
