using Pocketvisor.Abi;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>The interrupt lines of a profile's VM, in the hypervisor.</summary>
public sealed class VmInterrupts : ProfileInterrupts
{
    /// <summary>Number of the VM; 0 while there is none.</summary>
    public int Vm { get; set; }

    protected override void Drive(int spi, bool level)
    {
        if (Vm != 0) Hypercall.VmSetInterrupt(Vm, VirtualHandset.FirstSpi + spi, level);
    }
}
