using System;
using System.Collections.Generic;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Network;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Devices;

/// <summary>
/// A hostile guest and a hostile outside, and a neighbour that keeps to the rules. What goes out has its sender's address and claims no other; the neighbour hears nothing
/// from a profile, and can still send in the end.
/// </summary>
public sealed class NetworkTarget : IFuzzTarget
{
    private static readonly byte[] s_own = Frames.Bytes(NetWorld.Mac(0)), s_neighbour = Frames.Bytes(NetWorld.Mac(1)), s_router = Frames.Bytes(Frames.Router);

    public IEnumerable<byte[]> Seeds =>
    [
        [.. Outgoing(Frames.Ipv4(Frames.Router, NetWorld.Mac(0), 20)), 12],
        [.. Outgoing(Frames.Arp(Frames.Broadcast, NetWorld.Mac(0), NetWorld.Mac(0))), 12],
        [.. Outgoing(Frames.Ipv6(Frames.Router, NetWorld.Mac(0), 58, Frames.Discovery(135, 1, NetWorld.Mac(0))))],
        [.. Outgoing(Frames.Ipv6(Frames.Router, NetWorld.Mac(0), 0, [58, 0, 0, 0, 0, 0, 0, 0, .. Frames.Discovery(136, 2, NetWorld.Mac(0))]))],
        [.. WildDriver.Start(), .. WildDriver.Offer(0, 0, 0x4000, 0x800, 2), 10, 30, .. Frames.Ipv4(NetWorld.Mac(0), Frames.Router, 16), 11, 13, 1, 12],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        NetWorld world = new NetWorld(2).Boot();
        NetGuest hostile = world.Guests[0], neighbour = world.Guests[1];
        WildDriver driver = new(new SlotWindow(hostile.Devices, ProfileDevices.NetworkSlot), hostile.Memory, 2, choices);
        while (choices.HasMore)
        {
            driver.Step(
                () => world.Outside.Deliver(choices.Bytes(choices.Byte())),
                () => Send(neighbour),
                world.TakeInterrupts,
                () => world.Outside.Takes = choices.Byte() % 2 == 0,
                () => world.Outside.Take(choices.Byte()),
                hostile.Devices.Reset,
                () => Fill(hostile, choices));
            Check(world, neighbour);
        }

        world.Outside.Takes = true;
        for (int i = 0; i < 4; i++)
        {
            world.Outside.Take(int.MaxValue);
            world.TakeInterrupts();
        }

        Check(world, neighbour);
        int before = world.Outside.Sent.Count;
        Demand(Send(neighbour), "The neighbour does not get its buffers back.");
        world.TakeInterrupts();
        Demand(world.Outside.Sent.Count == before + 1, "The neighbour can't send any more.");
        world.Outside.Deliver(Frames.Ipv4(NetWorld.Mac(1), Frames.Router));
        world.TakeInterrupts();
        Demand(neighbour.Received().Count == 1, "The neighbour can't receive any more.");
    }

    private static bool Send(NetGuest neighbour)
    {
        if (neighbour.Offered - neighbour.Done >= NetGuest.Buffers) return false;
        neighbour.Send(Frames.Ipv4(Frames.Router, NetWorld.Mac(1)));
        return true;
    }

    // A right beginning of a frame, into the hostile guest's memory: addresses, then what the input says.
    private static void Fill(NetGuest hostile, Choices choices)
    {
        Span<byte> frame = hostile.Memory.Bytes.AsSpan(0x4000 + 12);
        (choices.Byte() % 3 == 0 ? s_neighbour : s_router).CopyTo(frame);
        s_own.CopyTo(frame[6..]);
        choices.Bytes(choices.Byte()).CopyTo(frame[12..]);
    }

    private static void Check(NetWorld world, NetGuest neighbour)
    {
        foreach (byte[] frame in world.Outside.Sent) CheckSent(frame);
        world.Outside.Sent.RemoveRange(0, world.Outside.Sent.Count);
        foreach (byte[] frame in neighbour.Received())
        {
            Demand(frame.Length is >= 14 and <= 1514, "The neighbour gets a frame of a wrong length.");
            Demand(!IsProfiles(frame.AsSpan(6, 6)), "The neighbour hears a profile.");
            Demand((frame[0] & 1) != 0 || frame.AsSpan(0, 6).SequenceEqual(s_neighbour), "The neighbour hears what is for others.");
        }
    }

    // FrameRules once more, in other words, as far as a frame's first headers go.
    private static void CheckSent(byte[] frame)
    {
        Demand(frame.Length is >= 14 and <= 1514, "A frame of a wrong length goes out.");
        ReadOnlySpan<byte> source = frame.AsSpan(6, 6);
        Demand(IsProfiles(source), "A frame of a stranger goes out.");
        Demand(!IsProfiles(frame.AsSpan(0, 6)), "A frame to a profile goes out.");
        int type = frame[12] << 8 | frame[13];
        Demand(type is 0x0800 or 0x0806 or 0x86DD, "Another protocol goes out.");
        if (type == 0x0806) Demand(frame.Length >= 42 && frame.AsSpan(22, 6).SequenceEqual(source), "An ARP packet that speaks for another goes out.");
    }

    private static bool IsProfiles(ReadOnlySpan<byte> address) => address.SequenceEqual(s_own) || address.SequenceEqual(s_neighbour);

    // Started, the frame put into memory, offered.
    private static byte[] Outgoing(byte[] frame) =>
    [
        .. WildDriver.Start(), 16, 1, (byte)(frame.Length - 12), .. frame[12..], .. WildDriver.Offer(1, 0, 0x4000, (ushort)(12 + frame.Length), 0),
    ];
}
