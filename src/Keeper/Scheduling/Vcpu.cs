using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Exits;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Profiles;

namespace Pocketvisor.Keeper.Scheduling;

/// <summary>A virtual core of a profile.</summary>
public sealed class Vcpu : Schedulable
{
    private const ulong DeafSeconds = 10;
    private const ulong PstateIrqMasked = 1 << 7;
    private const ulong TimerEnable = 1 << 0, TimerMask = 1 << 1; // CNTV_CTL_EL0

    private readonly InterruptWatch _interrupts = new(DeafSeconds * Cpu.CounterFrequency());
    private ulong _ticks, _exits; // written by its core, read by the supervisor's

    public Vcpu(Profile profile, int index)
    {
        Profile = profile;
        Index = index;
    }

    public Profile Profile { get; }

    /// <summary>Its number in the profile, from 0.</summary>
    public int Index { get; }

    /// <summary>Where it runs, from start to stop of the profile.</summary>
    public Core Core { get; set; }

    /// <summary>What the MMIO read that it left for returns.</summary>
    public ulong Answer { get; set; }

    /// <summary>When it sleeps, somebody must listen to the flash, which may keep quiet until then. Its own core only.</summary>
    public bool WaitsForDisk { get; set; }

    /// <summary>Ticks of the counter that it has run since the profile started.</summary>
    public ulong Ticks => Volatile.Read(ref _ticks);

    /// <summary>Traps into the hypervisor since then, when it was last <see cref="Sample"/>d.</summary>
    public ulong Exits => Volatile.Read(ref _exits);

    public void Reset()
    {
        _ticks = _exits = Answer = 0;
        _interrupts.Reset();
        WaitsForDisk = false;
    }

    /// <summary>It has run. Its own core only.</summary>
    public void AddTicks(ulong ticks) => Volatile.Write(ref _ticks, _ticks + ticks);

    /// <summary>Reads the hypervisor's count of exits, and looks whether it takes its interrupts. Its own core only, while it does not run.</summary>
    public void Sample()
    {
        ulong exits = Get(VcpuRegister.Exits);
        if (exits != 0) Volatile.Write(ref _exits, exits);

        // Of what waits, the timer alone is sure to be wanted: the guest set it, and one that is set anew is another one.
        ulong timer = Get(VcpuRegister.CntvCvalEl0);
        bool isDeaf = (Get(VcpuRegister.Pstate) & PstateIrqMasked) != 0 && (Get(VcpuRegister.CntvCtlEl0) & (TimerEnable | TimerMask)) == TimerEnable && timer <= Profile.Uptime(Cpu.Now);
        if (_interrupts.Look(_ticks, isDeaf, timer)) FaultReport.Deaf(this, DeafSeconds);
    }

    private ulong Get(VcpuRegister register) => Hypercall.VcpuGet(Profile.Vm, Index, register);
}
