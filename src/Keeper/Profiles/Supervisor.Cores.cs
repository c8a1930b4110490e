using System;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Scheduling;

namespace Pocketvisor.Keeper.Profiles;

// The handset's cores: who runs where, and whether they still do.
public sealed partial class Supervisor
{
    public Core[] Cores => _cores;

    /// <summary>Cores that came up.</summary>
    public int CountCores()
    {
        int count = 1;
        for (int i = 1; i < _cores.Length; i++)
            if (_cores[i].IsOnline) count++;
        return count;
    }

    public void UseCores(Core[] cores)
    {
        _cores = cores;
        _loads = new int[cores.Length];
    }

    /// <summary>The core for a vCPU that starts.</summary>
    /// <param name="used">One bit for each core that its profile is on; the new one is added.</param>
    public Core Place(int weight, ref uint used)
    {
        uint absent = 0;
        for (int i = 0; i < _cores.Length; i++)
        {
            _loads[i] = _cores[i].IsOnline || i == 0 ? _cores[i].Load : int.MaxValue;
            if (_loads[i] == int.MaxValue) absent |= 1u << i;
        }
        Core core = _cores[Placement.Choose(_loads, used | absent)];
        used |= 1u << core.Index;
        core.Load += weight;
        return core;
    }

    /// <summary>Lets the cores of these vCPUs note their exits, and waits for that, but not for long.</summary>
    public void SampleCores(ReadOnlySpan<Vcpu> vcpus)
    {
        ulong until = Cpu.Now + _clock.FromMicroseconds(SampleMicroseconds);
        foreach (Vcpu vcpu in vcpus)
        {
            Core core = vcpu.Core;
            if (core == null) continue;
            if (core.Index == 0)
            {
                vcpu.Sample(); // this very core: it does not run
                continue;
            }
            int before = core.Samples;
            core.RequestSample();
            while (core.Samples == before && Cpu.Now < until) Cpu.Yield();
        }
    }

    // Each takes a moment to look at its vCPUs, too; this one at once.
    private void LookAfterCores()
    {
        foreach (Core core in _cores)
        {
            if (core.Index == 0) core.Sample();
            else if (core.IsOnline) core.RequestSample();
        }
    }
}
