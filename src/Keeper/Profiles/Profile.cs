using System;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Exits;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Network;
using Pocketvisor.Keeper.Scheduling;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// A slot for a profile and, from start to stop, its virtual machine. The supervisor's core takes it through its life
/// in small steps (Profile.Life.cs), so that the other guests on that core go on; other cores only run its vCPUs.
/// Memory is never freed, so a profile that goes leaves its slot to the next one.
/// </summary>
public sealed partial class Profile
{
    /// <summary>Pieces that a disk's file may lie in.</summary>
    private const int MaxExtents = 1024;

    private readonly Supervisor _supervisor;
    private readonly VmInterrupts _interrupts = new();
    private readonly GuestRam _memory = new();
    private readonly LentRegisterPage _registers;
    private readonly Vcpu[] _vcpus = new Vcpu[VmControl.MaxVcpus]; // the first _vcpuCount are this profile's
    private readonly GuestFile _kernel = new(), _initrd = new();
    private readonly Extent[][] _extents = new Extent[ProfileLimits.MaxDisks][]; // of each disk's file; made when it is first needed
    private ProfileFiles _files;
    private readonly bool _hasPort;
    private int _vcpuCount;

    private int _attached;   // vCPUs that cores still hold; each core counts down
    private int _stopReason; // StopReason; the first one wins
    private ulong _undefinedAt;

    public Profile(int index, Supervisor supervisor, Doorbell doorbell, Clock clock, RandomPool random, SwitchPort port, VirtioBlockDriver flash, LentRegisterPage registers)
    {
        Index = index;
        _supervisor = supervisor;
        _random = random;
        _hasPort = port != null;
        _registers = registers;
        Console = new ProfileConsole(LinkProtocol.ConsoleBacklogBytes, doorbell);
        Devices = new ProfileDevices(Console, _memory, clock, random, _interrupts, port, flash, registers);
        for (int i = 0; i < _vcpus.Length; i++) _vcpus[i] = new Vcpu(this, i);
    }

    public int Index { get; }

    public Supervisor Supervisor => _supervisor;

    /// <summary>Whether there is a profile in this slot.</summary>
    public bool IsPresent { get; private set; }

    public Manifest Manifest { get; } = new();
    public ReadOnlySpan<byte> Name => Manifest.Name;
    public ProfileConsole Console { get; }
    public ProfileDevices Devices { get; }
    public LinkProfileState State { get; private set; }

    public bool IsOff => State is LinkProfileState.Off or LinkProfileState.Failed;

    /// <summary>Number of its VM; 0 while it has none.</summary>
    public int Vm => _interrupts.Vm;

    /// <summary>Ticks of the counter that its vCPUs have run.</summary>
    public ulong Ticks
    {
        get
        {
            ulong sum = 0;
            foreach (Vcpu vcpu in Vcpus) sum += vcpu.Ticks;
            return sum;
        }
    }

    private ReadOnlySpan<Vcpu> Vcpus => new(_vcpus, 0, _vcpuCount);

    /// <summary>A profile moves in, or one that was here comes back changed. Only while it is off.</summary>
    /// <param name="folder">Its folder's name, which must be the profile's.</param>
    /// <param name="error">If it is refused, which leaves the slot empty: a sentence that says why.</param>
    public bool TryMoveIn(ReadOnlySpan<byte> json, ReadOnlySpan<byte> folder, ProfileFiles files, Text error)
    {
        MoveOut();
        if (!Manifest.TryRead(json, error)) return false;
        if (!Bytes.Equal(Name, folder))
        {
            error.Add("name: must be the folder's name"u8);
            return false;
        }
        _files = files;
        if (!TryOpenFiles(error)) return false;
        _memory.Resize(Manifest.Memory);
        _vcpuCount = Manifest.Cores;
        foreach (Vcpu vcpu in Vcpus)
        {
            vcpu.Reset();
            vcpu.Weight = Manifest.Weight;
        }
        IsPresent = true;
        return true;
    }

    /// <summary>The profile is gone. Only while it is off.</summary>
    public void MoveOut()
    {
        IsPresent = false;
        State = LinkProfileState.Off;
        StayOff();
    }

    private bool TryConfigureNetwork(Text error)
    {
        Devices.RemoveNetwork();
        if (!Manifest.HasNetwork || !_hasPort) return true; // a handset without a network has none for anybody
        MacAddress address = Manifest.HasMac ? new MacAddress(Manifest.Mac) : MacAddress.FromName(Name);
        if (Devices.ConfigureNetwork(address)) return true;
        error.Add("mac: another profile that runs has this address; give one of them another \"mac\" in its profile.json"u8);
        return false;
    }

    // At every start anew: what lies on the flash may have moved meanwhile.
    private bool TryOpenFiles(Text error)
    {
        _initrd.Close();
        if (!_files.TryOpen(Name, Manifest.Kernel, _kernel)) return Missing(error, "kernel"u8, Manifest.Kernel);
        if (!Manifest.Initrd.IsEmpty && !_files.TryOpen(Name, Manifest.Initrd, _initrd)) return Missing(error, "initrd"u8, Manifest.Initrd);
        return true;
    }

    private bool TryConfigureDisks(Text error)
    {
        Devices.RemoveDisks();
        for (int i = 0; i < Manifest.DiskCount; i++)
        {
            ManifestDisk disk = Manifest.Disk(i);
            Extent[] extents = _extents[i] ??= new Extent[MaxExtents];
            if (!_files.TryMap(Name, disk.File, extents, out int count, error)) return false;
            if (Devices.ConfigureDisk(i, extents, count, disk.ReadOnly, disk.File)) continue;
            error.Add("disks: the flash has no room for requests of \""u8).Add(disk.File).Add("\""u8);
            return false;
        }
        return true;
    }

    private static bool Missing(Text error, ReadOnlySpan<byte> field, ReadOnlySpan<byte> file)
    {
        error.Add(field).Add(": the profile's folder has no file \""u8).Add(file).Add("\""u8);
        return false;
    }

    /// <summary>Traps into the hypervisor since the start. Takes a moment if its vCPUs are running.</summary>
    public ulong CountExits()
    {
        if (State is LinkProfileState.Running or LinkProfileState.Stopping) _supervisor.SampleCores(Vcpus);
        ulong sum = 0;
        foreach (Vcpu vcpu in Vcpus) sum += vcpu.Exits;
        return sum;
    }

    /// <summary>The VM shall end. Any core; the first reason counts.</summary>
    public void RequestStop(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _stopReason, (int)reason, (int)StopReason.None) == (int)StopReason.None) _supervisor.Signal();
    }

    /// <summary>A core let go of one of its vCPUs.</summary>
    public void Detached()
    {
        if (Interlocked.Decrement(ref _attached) == 0) _supervisor.Signal();
    }

    /// <summary>Says of each disk what the flash has failed since the last time: about once a second. The supervisor's core.</summary>
    public void ReportDisks()
    {
        for (int i = 0; i < ProfileDevices.DiskCount; i++)
        {
            int failures = Devices.TakeDiskFailures(i, out uint type, out ulong sector, out ReadOnlySpan<byte> id);
            if (failures == 0) continue;
            ReadOnlySpan<byte> kind = type switch
            {
                VirtioBlockFormat.In => "a read"u8,
                VirtioBlockFormat.Out => "a write"u8,
                VirtioBlockFormat.Flush => "a flush"u8,
                _ => "a discard"u8,
            };
            Text line = Log.Begin(Name).Add("disk "u8).AddUntrusted(id).Add(": the flash failed "u8).Add(failures).Add(failures == 1 ? " request, "u8 : " requests, the last "u8).Add(kind);
            if (type is VirtioBlockFormat.In or VirtioBlockFormat.Out) line.Add(" at sector "u8).Add(sector);
            Log.End();
        }
    }

    /// <summary>A line in the log, at most once a second. Any core.</summary>
    public void ReportUndefined(Vcpu vcpu, ulong syndrome, ulong address)
    {
        ulong now = Cpu.Now, last = Volatile.Read(ref _undefinedAt);
        if (last != 0 && now - last < Cpu.CounterFrequency()) return;
        Volatile.Write(ref _undefinedAt, now);
        FaultReport.Undefined(vcpu, syndrome, address);
    }
}
