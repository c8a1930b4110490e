using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Profiles;

namespace Pocketvisor.Keeper.Scheduling;

/// <summary>A virtual core of a profile.</summary>
public sealed class Vcpu : Schedulable
{
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
        WaitsForDisk = false;
    }

    /// <summary>It has run. Its own core only.</summary>
    public void AddTicks(ulong ticks) => Volatile.Write(ref _ticks, _ticks + ticks);

    /// <summary>Reads the hypervisor's count of exits. Its own core only, while it does not run.</summary>
    public void Sample()
    {
        ulong exits = Hypercall.VcpuGet(Profile.Vm, Index, VcpuRegister.Exits);
        if (exits != 0) Volatile.Write(ref _exits, exits);
    }
}
