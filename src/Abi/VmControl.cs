namespace Pocketvisor.Abi;

/// <summary>Limits of virtual machines and of the memory that runs them.</summary>
public static class VmControl
{
    /// <summary>Number of the keeper's own VM.</summary>
    public const int Keeper = 0;

    /// <summary>VMs at the same time, the keeper's included.</summary>
    public const int MaxVms = 32;

    /// <summary>vCPUs of one VM, and cores of a handset.</summary>
    public const int MaxVcpus = 8;

    /// <summary>A VmReclaim zeroes no more than this at once (2 MB), so that it never keeps a core for long.</summary>
    public const int ReclaimPages = 512;

    /// <summary>The doorbell: a software-generated interrupt that the hypervisor raises for the keeper when a vCPU becomes ready.</summary>
    public const int DoorbellInterrupt = 15;

    /// <summary>
    /// Control pages for a VM: one for the hypervisor's window on them, one for the VM, one a vCPU, and stage-2 tables: a root, one
    /// for each GB that guest memory touches, and two for each lent range whose ends are not aligned to 2 MB.
    /// </summary>
    public static int Pages(int vcpus, int gigabytes, int unalignedRanges) => 3 + vcpus + gigabytes + 2 * unalignedRanges;
}
