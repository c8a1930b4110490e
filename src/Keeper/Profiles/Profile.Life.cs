using System;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.DeviceTrees;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Scheduling;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Profiles;

// From start to stop. Only the supervisor's core runs this.
public sealed partial class Profile
{
    /// <summary>Bytes copied or reclaimed in one step: a few milliseconds at most.</summary>
    private const ulong StepBytes = VmControl.ReclaimPages * Pages.Size;

    // The kernel ignores a kaslr-seed of another length; a shorter rng-seed it counts for what it is.
    private const int KaslrSeedBytes = 8, RandomSeedBytes = 64, UnguessableBytes = 16;

    private readonly RandomPool _random;
    private readonly Digest _digest = new SodiumDigest();
    private readonly byte[] _fileDigest = new byte[Digest.Bytes];
    private readonly byte[] _header = new byte[KernelImage.HeaderSize];
    private readonly byte[] _seeds = new byte[KaslrSeedBytes + RandomSeedBytes], _treeStrings = new byte[512];

    private readonly RestartPolicy _restarts = new(Cpu.CounterFrequency());
    private ProfilePhase _phase;
    private KernelImage _image;
    private GuestLayout _layout;
    private ulong _done;         // bytes of the present phase
    private ulong _controlPages; // physical address; 0 if none
    private int _controlPageCount;
    private bool _lent, _registersLent;
    private bool _stopAsked, _restart; // what shall follow when the guest switches itself off
    private ulong _startedAt;
    private ulong _buttonAt = Schedulable.Never, _buttonHold, _buttonPause; // when the button moves next, in ticks
    private bool _buttonDown;

    /// <summary>What its own clock says, in ticks: since its machine was made.</summary>
    public ulong Uptime(ulong now) => State is LinkProfileState.Running or LinkProfileState.Stopping ? now - _startedAt : 0;

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    public ulong NextTick => Math.Min(_buttonAt, _restarts.Due);

    /// <summary>It is off, but will start again by itself.</summary>
    public bool WillRestart => _restarts.Due != Schedulable.Never;

    /// <summary>Starts it, from Off or Failed.</summary>
    public void Start()
    {
        _restarts.Forget();
        Begin();
    }

    /// <summary>It stays off after all.</summary>
    public void StayOff() => _restarts.Forget();

    private void Begin()
    {
        _phase = ProfilePhase.Create;
        SetState(LinkProfileState.Starting, ""u8);
    }

    /// <summary>
    /// Asks the guest to switch itself off, by its power button: again and again, because a guest that still boots does not look.
    /// </summary>
    /// <param name="restart">And then to start again.</param>
    /// <param name="hold">How long the button is down each time, in ticks.</param>
    /// <param name="pause">How long it is up between, in ticks.</param>
    public void PressPowerButton(bool restart, ulong now, ulong hold, ulong pause)
    {
        _restart = restart;
        _stopAsked = !restart;
        _buttonHold = hold;
        _buttonPause = pause;
        MoveButton(true, now + hold);
        SetState(LinkProfileState.Stopping, "power button"u8);
    }

    /// <summary>Moves the power button, or starts again what failed, when the time has come.</summary>
    public void Tick(ulong now)
    {
        if (now >= _restarts.Due && !_supervisor.IsShuttingDown) Begin();
        if (now >= _restarts.Due) _restarts.Started(now); // it is not due any more
        if (now >= _buttonAt) MoveButton(!_buttonDown, now + (_buttonDown ? _buttonPause : _buttonHold));
    }

    private void MoveButton(bool down, ulong next)
    {
        _buttonDown = down;
        _buttonAt = next;
        Devices.SetPowerButton(down);
    }

    /// <summary>Does the next piece of what is to be done. False if there is nothing left to do now.</summary>
    public bool Step()
    {
        if (Volatile.Read(ref _stopReason) != 0 && _phase is > ProfilePhase.Idle and <= ProfilePhase.Running) BeginStop();
        switch (_phase)
        {
            case ProfilePhase.Create:
                Create();
                return true;
            case ProfilePhase.Wipe:
                if (!_supervisor.IsMemoryUsed || Wipe()) _phase = ProfilePhase.LoadKernel;
                return true;
            case ProfilePhase.LoadKernel:
                if (Load(_kernel, _layout.Kernel, Manifest.Kernel)) _phase = ProfilePhase.LoadInitrd;
                return true;
            case ProfilePhase.LoadInitrd:
                if (Load(_initrd, _layout.Initrd, Manifest.Initrd)) _phase = ProfilePhase.Launch;
                return true;
            case ProfilePhase.Launch:
                Launch();
                return true;
            case ProfilePhase.Detach:
                if (Volatile.Read(ref _attached) != 0) return false; // the last core signals
                foreach (Vcpu vcpu in Vcpus) Leave(vcpu);
                Devices.Reset(); // they write no more to memory that is not the guest's
                if (Devices.AreDisksBusy) return KeepFromFlash();
                _phase = ProfilePhase.Reclaim;
                return true;
            case ProfilePhase.Reclaim:
                if (Reclaim()) Finish();
                return true;
            default:
                return false;
        }
    }

    private void BeginStop()
    {
        bool running = _phase == ProfilePhase.Running;
        if (_buttonAt != Schedulable.Never) MoveButton(false, Schedulable.Never);
        _done = 0;
        _phase = running ? ProfilePhase.Detach : ProfilePhase.Reclaim;
        if (State != LinkProfileState.Stopping && (StopReason)_stopReason is not (StopReason.StartFailed or StopReason.Crashed or StopReason.Panicked))
            SetState(LinkProfileState.Stopping, ""u8);
        if (!running) return;
        foreach (Vcpu vcpu in Vcpus) vcpu.Core.Post(CoreRequest.Detach, vcpu);
    }

    // The flash neither answers nor lets itself be reset, and may still write: the memory stays the guest's for good.
    private bool KeepFromFlash()
    {
        Log.Begin(Name).Add("stays as it is, for the flash does not let go of its memory; restart the handset"u8);
        Log.End();
        _phase = ProfilePhase.Stuck;
        return false;
    }

    private static void Leave(Vcpu vcpu)
    {
        if (vcpu.Core == null) return;
        vcpu.Core.Load -= vcpu.Weight;
        vcpu.Core = null;
    }

    // Takes a piece of memory back, zeroed; true when the VM is gone and everything free.
    private bool Reclaim()
    {
        if (_lent && _done < Manifest.Memory)
        {
            ulong size = Math.Min(Manifest.Memory - _done, StepBytes), at = _memory.PhysicalAddress + _done;
            Check(Hypercall.VmReclaim(Vm, at, (int)(size / Pages.Size)));
            // Zeros that stay in a cache would later overwrite what the next guest stores before it turns its caches on.
            Memory.CleanToCoherency(at, size);
            _done += size;
            return false;
        }
        if (_registersLent) Check(Hypercall.VmReclaim(Vm, _registers.PhysicalAddress, 1));
        _registersLent = false;
        if (Vm != 0)
        {
            Check(Hypercall.VmDestroy(Vm));
            _interrupts.Vm = 0;
        }
        if (_controlPages != 0) Pages.Release(_controlPages, _controlPageCount);
        if (_memory.PhysicalAddress != 0 && !_supervisor.GuestMemory.TryRelease(_memory.PhysicalAddress, Manifest.Memory))
            Panic.Because("guest memory was released twice"u8);
        _controlPages = _memory.PhysicalAddress = 0;
        _lent = false;
        return true;
    }

    private void Finish()
    {
        Devices.RemoveNetwork(); // its address may be another's now
        var reason = (StopReason)_stopReason;
        // A guest that answers the power button with a restart goes off all the same.
        bool again = reason == StopReason.ForcedRestart || reason == StopReason.Reset && !_stopAsked || reason == StopReason.PoweredOff && _restart;
        Volatile.Write(ref _stopReason, (int)StopReason.None);
        _phase = ProfilePhase.Idle;
        _restart = _stopAsked = false;

        ReadOnlySpan<byte> text = reason switch
        {
            StopReason.PoweredOff => "powered off"u8,
            StopReason.Reset => again ? "restarts"u8 : "powered off"u8,
            StopReason.Panicked => "its kernel panicked"u8,
            StopReason.Crashed => "stopped after a fault; the log has a report"u8,
            StopReason.Forced => "stopped"u8,
            StopReason.ForcedRestart => "restarts"u8,
            _ => ""u8,
        };
        if (reason == StopReason.StartFailed)
        {
            _restarts.Forget(); // nothing changes by trying again
            SetState(LinkProfileState.Failed, _failure.Bytes);
            return;
        }
        bool failed = reason is StopReason.Crashed or StopReason.Panicked;
        _failure.Clear().Add(text);
        if (failed && Manifest.RestartsOnFailure && !_supervisor.IsShuttingDown) _restarts.Failed(Cpu.Now, _failure.Add("; it "u8));
        else _restarts.Forget();
        Log.Begin(Name).Add(_failure.Bytes);
        Log.End();
        SetState(failed ? LinkProfileState.Failed : LinkProfileState.Off, _failure.Bytes);
        if (again && !_supervisor.IsShuttingDown) Start();
    }

    private readonly Text _failure = new(192);

    private void Check(HvcStatus status)
    {
        if (status == HvcStatus.Success) return;
        Log.Begin(Name).Add("the hypervisor refuses to give back what it was lent: status "u8).Add((int)status);
        Log.End();
        Panic.Because("what was lent comes back"u8);
    }

    private void SetState(LinkProfileState state, ReadOnlySpan<byte> reason)
    {
        State = state;
        _supervisor.Announce(this, reason);
    }
}
