namespace Pocketvisor.Abi;

/// <summary>Limits of virtual machines and of the memory that runs them.</summary>
public static class VmControl
{
    /// <summary>In the keeper's x1 at its very first instruction: there is a hypervisor, which waits for <see cref="HvcFunction.Establish"/>. No address is as low.</summary>
    public const ulong EstablishFirst = 1;

    /// <summary>Number of the keeper's own VM.</summary>
    public const int Keeper = 0;

    /// <summary>VMs at the same time, the keeper's included.</summary>
    public const int MaxVms = 32;

    /// <summary>vCPUs of one VM, and cores of a handset.</summary>
    public const int MaxVcpus = 8;

    /// <summary>Or'ed to the guest address of a VmLend: the guest may only read, and leaves for each write as it does where nothing is mapped.</summary>
    public const ulong LendReadOnly = 1;

    /// <summary>A VmReclaim zeroes no more than this at once (2 MB), so that it never keeps a core for long.</summary>
    public const int ReclaimPages = 512;

    /// <summary>A panic restarts the handset if it ran for as long as this; one that comes sooner would come again and again, and turns it off.</summary>
    public const ulong SecondsToRestart = 10;

    /// <summary>The doorbell: a software-generated interrupt that the hypervisor raises for the keeper when a vCPU becomes ready.</summary>
    public const int DoorbellInterrupt = 15;

    /// <summary>
    /// Control pages for a VM: one for the hypervisor's window on them, one for the VM, one a vCPU, and stage-2 tables: a root, one
    /// for each GB that guest memory touches, and two for each lent range whose ends are not aligned to 2 MB.
    /// </summary>
    public static int Pages(int vcpus, int gigabytes, int unalignedRanges) => 3 + vcpus + gigabytes + 2 * unalignedRanges;
}
