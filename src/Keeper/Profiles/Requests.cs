using System;
using Pocketvisor.Abi;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>What the PC may ask, on one screen. Runs on core 0, as the supervisor does.</summary>
public sealed class Requests : LinkHandler
{
    private readonly Supervisor _supervisor;
    private readonly Handset _handset;
    private readonly HandsetClock _clock;
    private readonly RandomPool _random;
    private readonly FileService _files; // null without a flash
    private readonly ulong _hypervisorBytes;
    private readonly byte[] _keyBytes = new byte[sizeof(uint)];
    private uint _key;

    public Requests(Supervisor supervisor, Handset handset, HandsetClock clock, RandomPool random, FileService files, ulong hypervisorBytes)
    {
        _supervisor = supervisor;
        _handset = handset;
        _clock = clock;
        _random = random;
        _files = files;
        _hypervisorBytes = hypervisorBytes;
    }

    public override int ProfileCount => _supervisor.SlotCount;

    public override ulong Now => _clock.Nanoseconds;

    // Guests may have emptied the pool. Then the former key and the counter's last bits have to do, which no profile sees.
    public override uint NewKey()
    {
        _random.Take(_keyBytes);
        return _key = (_key << 16 | _key >> 16) ^ LittleEndian.ReadU32(_keyBytes, 0) ^ (uint)Cpu.Now;
    }

    public override void Hello(LinkHelloReply reply)
    {
        reply.Cores = (byte)_supervisor.CountCores();
        reply.Profiles = (byte)_supervisor.CountProfiles();
        reply.Memory = _handset.MemoryBytes;
        reply.HypervisorBytes = _hypervisorBytes;
        reply.KeeperBytes = _supervisor.KeeperBytes;
    }

    public override bool TryDescribe(int profile, LinkProfileRecord record)
    {
        Profile p = _supervisor.Profile(profile);
        if (!p.IsPresent) return false;
        record.Name = p.Name;
        record.State = p.State;
        record.Cores = (byte)p.Manifest.Cores;
        record.Weight = (uint)p.Manifest.Weight;
        record.Memory = p.Manifest.Memory;
        record.Exits = p.CountExits();
        record.CpuTime = _clock.ToNanoseconds(p.Ticks);
        record.Uptime = _clock.ToNanoseconds(p.Uptime(Cpu.Now));
        return true;
    }

    public override void Owners(LinkOwnersReply reply)
    {
        // FNV-1a, 64 bits, over each page's number (8 bytes, little-endian), state and VM (a byte each).
        ulong digest = 0xCBF2_9CE4_8422_2325, keeper = 0, lent = 0, hypervisor = 0;
        for (int bank = 0; bank < _handset.MemoryCount; bank++)
        {
            for (ulong page = _handset.Memory[bank].Start; page < _handset.Memory[bank].End; page += Pages.Size)
            {
                Hypercall.PageState(page, out PageState state, out int vm);
                if (state == PageState.Keeper) keeper++;
                else if (state == PageState.Lent) lent++;
                else if (state == PageState.Hypervisor) hypervisor++;
                ulong number = page / Pages.Size;
                for (int i = 0; i < 8; i++, number >>= 8) digest = Mix(digest, (byte)number);
                digest = Mix(Mix(digest, (byte)state), (byte)vm);
            }
        }
        reply.KeeperPages = keeper;
        reply.LentPages = lent;
        reply.HypervisorPages = hypervisor;
        reply.FreePages = _supervisor.GuestMemory.Free / Pages.Size;
        reply.Digest = digest;
    }

    public override LinkStatus Start(int profile, Text reason)
    {
        Profile p = _supervisor.Profile(profile);
        if (!p.IsPresent) return LinkStatus.NoSuchProfile;
        if (!p.IsOff) return LinkStatus.WrongState;
        if (_supervisor.IsShuttingDown) return ShuttingDown(reason);
        if (_files != null && _files.Holds(p.Name))
        {
            reason.Add(p.Name).Add("'s files are being copied or removed; start it when that is done"u8);
            return LinkStatus.WrongState;
        }
        p.Start();
        return LinkStatus.Ok;
    }

    public override LinkStatus Stop(int profile, bool force, Text reason)
    {
        Profile p = _supervisor.Profile(profile);
        if (p.IsOff)
        {
            if (!p.WillRestart) return LinkStatus.WrongState;
            p.StayOff();
            return LinkStatus.Ok;
        }
        if (force || p.State == LinkProfileState.Starting) p.RequestStop(StopReason.Forced);
        else _supervisor.PressPowerButton(p, restart: false);
        return LinkStatus.Ok;
    }

    public override LinkStatus Restart(int profile, bool force, Text reason)
    {
        Profile p = _supervisor.Profile(profile);
        if (_supervisor.IsShuttingDown) return ShuttingDown(reason);
        if (p.IsOff) return LinkStatus.WrongState;
        if (force || p.State == LinkProfileState.Starting) p.RequestStop(StopReason.ForcedRestart);
        else _supervisor.PressPowerButton(p, restart: true);
        return LinkStatus.Ok;
    }

    public override LinkStatus Shutdown(bool force, Text reason)
    {
        _supervisor.ShutDown(force);
        return LinkStatus.Ok;
    }

    public override void Input(int profile, ReadOnlySpan<byte> bytes)
    {
        Profile p = _supervisor.Profile(profile);
        if (p.Vm != 0) p.Devices.Input(bytes);
    }

    public override void Resize(int profile, int columns, int rows) => _supervisor.Profile(profile).Devices.Resize(columns, rows);

    private static LinkStatus ShuttingDown(Text reason)
    {
        reason.Add("the handset is switching off"u8);
        return LinkStatus.WrongState;
    }

    private static ulong Mix(ulong digest, byte value) => (digest ^ value) * 0x0000_0100_0000_01B3;
}
