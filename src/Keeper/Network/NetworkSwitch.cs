using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Drivers;

namespace Pocketvisor.Keeper.Network;

/// <summary>
/// The switch between the profiles and the handset's network device. It isolates its ports: frames go between a profile and the
/// outside, never from profile to profile.
/// <code>
///   profile ── port ──┐
///   profile ── port ──┼── <see cref="FrameRules"/> ── driver ── outside
///   profile ── port ──┘
/// </code>
/// Profiles send on their own cores, each with its own lock held; the driver's lock is taken inside. What comes in is handed
/// out on core 0, which takes the profiles' locks and holds none while it does.
/// </summary>
public sealed class NetworkSwitch
{
    private const int FramesPerPoll = VirtioNetDriver.ReceiveBuffers / 2;

    private readonly VirtioNetDriver _driver;
    private readonly PortAddresses _addresses;
    private readonly SwitchPort[] _ports;
    private uint _receivers; // a bit for each port that got frames in this poll

    /// <param name="ports">At most <see cref="VirtioNetDriver.MaxShares"/>.</param>
    public NetworkSwitch(VirtioNetDriver driver, Clock clock, int ports)
    {
        _driver = driver;
        _addresses = new PortAddresses(ports, clock);
        _ports = new SwitchPort[ports];
        for (int i = 0; i < ports; i++) _ports[i] = new SwitchPort(i, driver, _addresses);
    }

    /// <summary>Frames from outside that no profile got, by reason.</summary>
    public FrameCounters Dropped { get; } = new();

    public SwitchPort Port(int index) => _ports[index];

    /// <summary>Due when the device interrupts: hands out what came, and lets go on who waited to send. Core 0 only.</summary>
    /// <returns>Whether there may be more, of which no interrupt will tell: come again soon.</returns>
    public bool Poll()
    {
        _driver.AcknowledgeInterrupt();
        int received = 0;
        for (; received < FramesPerPoll && _driver.TryReceive(out int buffer, out int length); received++)
        {
            HandOut(_driver.Received(buffer, length));
            _driver.Recycle(buffer);
        }

        _driver.KickReceive();
        uint woken = _driver.Wake();
        for (int i = 0; i < _ports.Length; i++)
        {
            if ((_receivers >> i & 1) != 0) _ports[i].Client?.FinishReceive();
            if ((woken >> i & 1) != 0) _ports[i].Client?.ResumeTransmit();
        }

        _receivers = 0;
        return received == FramesPerPoll;
    }

    private void HandOut(ReadOnlySpan<byte> frame)
    {
        FrameFate fate = FrameRules.FromOutside(frame, _addresses);
        if (fate == FrameFate.Received)
        {
            fate = FrameFate.ToNobody;
            for (int i = 0; i < _ports.Length; i++)
            {
                if (!_addresses.IsOpen(i) || !FrameRules.IsFor(frame, _addresses[i])) continue;
                _ports[i].Client?.ReceiveFrame(frame);
                _receivers |= 1u << i;
                fate = FrameFate.Received;
            }
        }

        if (fate != FrameFate.Received) Dropped.Add(fate);
    }
}
