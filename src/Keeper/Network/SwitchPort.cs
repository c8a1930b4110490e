using System;
using Pocketvisor.Keeper.Drivers;

namespace Pocketvisor.Keeper.Network;

/// <summary>
/// Where a profile is plugged in. Its frames go out from buffers that are the keeper's, so nobody changes what was checked.
/// But where it says otherwise, for whoever holds the profile's lock.
/// </summary>
public sealed class SwitchPort
{
    private readonly VirtioNetDriver _driver;
    private readonly PortAddresses _addresses;
    private readonly TransmitShare _share;

    public SwitchPort(int index, VirtioNetDriver driver, PortAddresses addresses)
    {
        Index = index;
        _driver = driver;
        _addresses = addresses;
        _share = driver.Share(index);
    }

    public int Index { get; }

    /// <summary>Who is behind the port. Set once, at start.</summary>
    public SwitchClient Client { get; set; }

    /// <summary>What became of frames, in both directions.</summary>
    public FrameCounters Counters { get; } = new();

    public MacAddress Address => _addresses[Index];

    /// <summary>Whether the handset's network device works.</summary>
    public bool IsUp => !_driver.IsBroken;

    /// <summary>Room for the next frame and a little more, so that one that is too long shows; the same until <see cref="Send"/>. Empty while all of the profile's share is under way: then its client hears of it when to go on.</summary>
    public Span<byte> Room => _driver.Room(_share);

    /// <inheritdoc cref="PortAddresses.TryOpen"/>
    public bool TryOpen(MacAddress address) => _addresses.TryOpen(Index, address);

    /// <summary>No more frames come. Core 0 only.</summary>
    public void Close() => _addresses.Close(Index);

    /// <summary>Sends what is in <see cref="Room"/>, if the rules allow it.</summary>
    /// <param name="length">Bytes.</param>
    public void Send(int length)
    {
        FrameFate fate = IsUp ? FrameRules.ToOutside(Room.Slice(0, length), Address, _addresses) : FrameFate.LinkDown;
        if (fate == FrameFate.Sent) _driver.Send(_share, length);
        Counters.Add(fate);
    }

    /// <summary>Tells the handset's device of the frames that were sent. Due after some, best without the profile's lock: it may take long. Any core.</summary>
    public void Kick() => _driver.Kick(_share);
}
