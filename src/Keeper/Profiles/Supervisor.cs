using System;
using System.Runtime;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Network;
using Pocketvisor.Keeper.Scheduling;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// What core 0 does beside running vCPUs: takes the profiles through their lives, a step at a time, and serves the link.
/// Other cores only <see cref="Signal"/> and <see cref="Ring"/>.
/// </summary>
public sealed partial class Supervisor
{
    /// <summary>A profile's slot takes less of the heap than this.</summary>
    private const ulong SlotBytes = 512 << 10;

    private const ulong HeapPieceBytes = 2 << 20;

    private const uint BatchMicroseconds = 1000, SecondMicroseconds = 1_000_000, ButtonMicroseconds = 150_000, ButtonPauseMicroseconds = 4_000_000, SampleMicroseconds = 20_000;

    private readonly Profile[] _profiles;
    private readonly HandsetClock _clock;
    private readonly RandomPool _random;
    private readonly SupervisorDoorbell _doorbell;
    private readonly ulong _batch, _second;
    private Core[] _cores;
    private int[] _loads;
    private LinkServer _link;
    private ByteStream _cable;
    private uint _cableInterrupt, _flashInterrupt, _networkInterrupt;
    private VirtioBlockDriver _flash; // null if there is none, as the network
    private NetworkSwitch _network;
    private bool _framesWait; // more have come than one poll hands out
    private ulong _linkAt = Schedulable.Never, _secondAt = Schedulable.Never;
    private int _signalled, _rung; // set by every core
    private int _slotCount;        // set by core 0
    private bool _busy;
    private uint _seconds;

    public Supervisor(int maxProfiles, RangeAllocator guestMemory, bool isMemoryUsed, ulong keeperBytes, HandsetClock clock, RandomPool random)
    {
        _profiles = new Profile[maxProfiles];
        GuestMemory = guestMemory;
        IsMemoryUsed = isMemoryUsed;
        KeeperBytes = keeperBytes;
        _clock = clock;
        _random = random;
        _doorbell = new SupervisorDoorbell(this);
        _batch = clock.FromMicroseconds(BatchMicroseconds);
        _second = clock.FromMicroseconds(SecondMicroseconds);
    }

    /// <summary>Memory for guests that no guest has.</summary>
    public RangeAllocator GuestMemory { get; }

    /// <summary>In it there may lie what profiles had before the handset was restarted.</summary>
    public bool IsMemoryUsed { get; }

    /// <summary>Memory that the keeper has for itself; grows with the slots.</summary>
    public ulong KeeperBytes { get; private set; }

    /// <summary>Null if there is no flash.</summary>
    public FlashWatch FlashWatch { get; private set; }

    /// <summary>Slots that were ever needed; in some of them there may be no profile. Any core.</summary>
    public int SlotCount
    {
        get => Volatile.Read(ref _slotCount);
        private set => Volatile.Write(ref _slotCount, value); // releases the slot itself
    }

    public int CountProfiles()
    {
        int count = 0;
        for (int i = 0; i < SlotCount; i++)
            if (_profiles[i].IsPresent) count++;
        return count;
    }

    public bool IsShuttingDown { get; private set; }

    /// <summary>Rings for the link.</summary>
    public Doorbell Doorbell => _doorbell;

    /// <summary>Something to do that no interrupt will tell of.</summary>
    public bool HasWork => _busy || _framesWait || _link.HasMore || Volatile.Read(ref _signalled) != 0 || Volatile.Read(ref _rung) != 0;

    public Profile Profile(int index) => _profiles[index];

    // The heap begins small and gets a piece of guest memory when it runs low: who has few profiles pays for few.
    private bool TryMakeRoomForSlot()
    {
        if (Heap.Available >= SlotBytes) return true;
        if (!GuestMemory.TryAllocate(HeapPieceBytes, out ulong address)) return false;
        Memory.Clear(address, HeapPieceBytes);
        Heap.Initialize(address, HeapPieceBytes);
        KeeperBytes += HeapPieceBytes;
        return true;
    }

    public void UseLink(LinkServer link, ByteStream cable, uint interrupt)
    {
        _link = link;
        _cable = cable;
        _cableInterrupt = interrupt;
        Ring();
    }

    /// <summary>The slot of the profile of this name, or null.</summary>
    public Profile Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < SlotCount; i++)
            if (_profiles[i].IsPresent && Bytes.Equal(_profiles[i].Name, name)) return _profiles[i];
        return null;
    }

    /// <summary>An empty slot, or null if all are taken.</summary>
    public Profile FindSlot()
    {
        for (int i = 0; i < SlotCount; i++)
            if (!_profiles[i].IsPresent) return _profiles[i];
        if (SlotCount == _profiles.Length || !TryMakeRoomForSlot()) return null;
        LentRegisterPage registers = LentRegisterPage.Allocate();
        if (registers == null) return null;
        var profile = new Profile(SlotCount, this, _doorbell, _clock, _random, _network?.Port(SlotCount), _flash, registers);
        _link.Attach(profile.Index, profile.Console);
        _profiles[SlotCount] = profile;
        SlotCount++;
        return profile;
    }

    /// <summary>A profile needs a step. Any core.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0) Interrupt();
    }

    /// <summary>The link has something to send. Any core.</summary>
    public void Ring()
    {
        if (Interlocked.Exchange(ref _rung, 1) == 0) Interrupt();
    }

    /// <summary>Before there are slots: what the profiles' disks are on.</summary>
    public void UseFlash(VirtioBlockDriver flash, uint interrupt)
    {
        _flash = flash;
        FlashWatch = new FlashWatch(flash, this, _clock);
        _flashInterrupt = interrupt;
    }

    /// <summary>Before there are slots: what the profiles' network devices are plugged into.</summary>
    public void UseNetwork(NetworkSwitch network, uint interrupt)
    {
        _network = network;
        _networkInterrupt = interrupt;
    }

    /// <summary>An interrupt of one of the handset's devices.</summary>
    public void TakeDeviceInterrupt(uint interrupt)
    {
        if (interrupt == _cableInterrupt)
        {
            _cable.Poll(); // lowers the line
            _linkAt = 0;
        }
        else if (interrupt == _flashInterrupt)
        {
            FlashWatch.TakeInterrupt(Cpu.Now); // the same
        }
        else if (interrupt == _networkInterrupt)
        {
            _framesWait = _network.Poll(); // the same
        }
    }

    /// <summary>Gives guests what the flash has done for their disks. Any core, without locks.</summary>
    public void CompleteDisks()
    {
        for (int i = 0; i < SlotCount; i++)
            if (_profiles[i].Devices.HasCompletedDisks) _profiles[i].Devices.CompleteDisks();
    }

    /// <summary>Does what is due, and says when to come again.</summary>
    /// <param name="now">Ticks.</param>
    public ulong Poll(ulong now)
    {
        _random.Refill();
        if (_framesWait) _framesWait = _network.Poll();
        if (Volatile.Read(ref _rung) != 0)
        {
            Volatile.Write(ref _rung, 0);
            // Guests print byte by byte: a moment later there is more to send at once.
            _linkAt = Math.Min(_linkAt, now + _batch);
        }
        if (now >= _linkAt)
        {
            _link.Poll();
            _linkAt = _link.HasMore ? now : Schedulable.Never;
        }
        if (Volatile.Read(ref _signalled) != 0)
        {
            Volatile.Write(ref _signalled, 0);
            _busy = true;
        }
        if (_busy) Step();
        ulong next = Math.Min(_linkAt, _secondAt);
        if (FlashWatch != null) next = Math.Min(next, FlashWatch.Poll(now));
        for (int i = 0; i < SlotCount; i++)
        {
            if (now >= _profiles[i].NextTick) _profiles[i].Tick(now);
            next = Math.Min(next, _profiles[i].NextTick);
        }
        if (now >= _secondAt) Second(now);
        return _busy || _framesWait ? now : next;
    }

    /// <summary>Every profile goes off, and then the handset.</summary>
    public void ShutDown(bool force)
    {
        IsShuttingDown = true;
        for (int i = 0; i < SlotCount; i++)
        {
            Profile profile = _profiles[i];
            if (profile.State is LinkProfileState.Off or LinkProfileState.Failed) continue;
            if (force || profile.State == LinkProfileState.Starting) profile.RequestStop(StopReason.Forced);
            else if (profile.State == LinkProfileState.Running) PressPowerButton(profile, restart: false);
        }
        Signal();
    }

    public void PressPowerButton(Profile profile, bool restart) =>
        profile.PressPowerButton(restart, Cpu.Now, _clock.FromMicroseconds(ButtonMicroseconds), _clock.FromMicroseconds(ButtonPauseMicroseconds));

    /// <summary>Tells the PC what became of a profile.</summary>
    public void Announce(Profile profile, ReadOnlySpan<byte> reason)
    {
        _link.StateChanged(profile.Index, profile.State, reason);
        bool running = false;
        for (int i = 0; i < SlotCount; i++) running |= _profiles[i].State is LinkProfileState.Running or LinkProfileState.Stopping;
        if (!running) _secondAt = Schedulable.Never;
        else if (_secondAt == Schedulable.Never) _secondAt = Cpu.Now + _second;
        if (Heartbeat.IsExpected != running)
        {
            Heartbeat.IsExpected = running;
            LookAfterCores();
        }
        Signal();
    }

    /// <summary>Tells the PC that the list of profiles is another one.</summary>
    public void AnnounceProfiles() => _link.ProfilesChanged();

    private void Step()
    {
        bool more = false, idle = true;
        for (int i = 0; i < SlotCount; i++)
        {
            more |= _profiles[i].Step();
            idle &= _profiles[i].State is LinkProfileState.Off or LinkProfileState.Failed;
        }
        _busy = more;
        if (IsShuttingDown && idle) SwitchOff();
    }

    private void Second(ulong now)
    {
        _secondAt = now + _second;
        FlashWatch?.Second();
        for (int i = 0; i < SlotCount; i++)
        {
            if (_profiles[i].Vm == 0) continue;
            _profiles[i].Devices.Tick();
            _profiles[i].ReportDisks();
        }
        if (++_seconds % Heartbeat.PeriodSeconds == 0) LookAfterCores();
    }

    private void SwitchOff()
    {
        Log.Line("every profile is off; the handset switches off"u8);
        ulong until = Cpu.Now + _second / 10; // for the PC to hear of it
        while (Cpu.Now < until) _link.Poll();
        Hypercall.SystemOff();
    }

    private void Interrupt()
    {
        if (_cores != null && Cpu.Index != 0) GicCpu.Send(Core.SupervisorInterrupt, _cores[0].Mpidr);
    }
}
