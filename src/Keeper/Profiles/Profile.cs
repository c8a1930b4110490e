using System;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Exits;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Scheduling;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// A profile of the boot medium and, from start to stop, its virtual machine. The supervisor's core takes it through its life
/// in small steps (Profile.Life.cs), so that the other guests on that core go on; other cores only run its vCPUs.
/// </summary>
public sealed partial class Profile
{
    private readonly Supervisor _supervisor;
    private readonly MemoryRange _kernel, _initrd;
    private readonly VmInterrupts _interrupts = new();
    private readonly GuestRam _memory;
    private readonly Vcpu[] _vcpus;

    private int _attached;   // vCPUs that cores still hold; each core counts down
    private int _stopReason; // StopReason; the first one wins
    private ulong _undefinedAt;

    /// <param name="kernel">Where the boot medium has the kernel, and the initrd, which may be empty.</param>
    public Profile(int index, Manifest manifest, MemoryRange kernel, MemoryRange initrd, Supervisor supervisor, Doorbell doorbell, Clock clock, RandomPool random)
    {
        Index = index;
        Manifest = manifest;
        _kernel = kernel;
        _initrd = initrd;
        _supervisor = supervisor;
        _random = random;
        _memory = new GuestRam(manifest.Memory);
        Console = new ProfileConsole(LinkProtocol.ConsoleBacklogBytes, doorbell);
        Devices = new ProfileDevices(Console, _memory, clock, random, _interrupts);
        _vcpus = new Vcpu[manifest.Cores];
        for (int i = 0; i < _vcpus.Length; i++) _vcpus[i] = new Vcpu(this, i) { Weight = manifest.Weight };
    }

    public int Index { get; }
    public Manifest Manifest { get; }
    public ReadOnlySpan<byte> Name => Manifest.Name;
    public ProfileConsole Console { get; }
    public ProfileDevices Devices { get; }
    public LinkProfileState State { get; private set; }

    /// <summary>Number of its VM; 0 while it has none.</summary>
    public int Vm => _interrupts.Vm;

    /// <summary>Ticks of the counter that its vCPUs have run.</summary>
    public ulong Ticks
    {
        get
        {
            ulong sum = 0;
            foreach (Vcpu vcpu in _vcpus) sum += vcpu.Ticks;
            return sum;
        }
    }

    /// <summary>Traps into the hypervisor since the start. Takes a moment if its vCPUs are running.</summary>
    public ulong CountExits()
    {
        if (State is LinkProfileState.Running or LinkProfileState.Stopping) _supervisor.SampleCores(_vcpus);
        ulong sum = 0;
        foreach (Vcpu vcpu in _vcpus) sum += vcpu.Exits;
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

    /// <summary>A line in the log, at most once a second. Any core.</summary>
    public void ReportUndefined(Vcpu vcpu, ulong syndrome, ulong address)
    {
        ulong now = Cpu.Now, last = Volatile.Read(ref _undefinedAt);
        if (last != 0 && now - last < Cpu.CounterFrequency()) return;
        Volatile.Write(ref _undefinedAt, now);
        FaultReport.Undefined(vcpu, syndrome, address);
    }
}
