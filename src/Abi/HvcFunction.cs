namespace Pocketvisor.Abi;

/// <summary>
/// The hypercalls that the keeper may make, by HVC #0 with the function in w0 and arguments from x1 (SMCCC, Arm DEN 0028,
/// "Vendor Specific Hypervisor Service Calls", 64-bit, fast). The answer is an <see cref="HvcStatus"/> in x0, results from x1;
/// x5 (where it is no result) to x17 are not preserved. Of PSCI (Arm DEN 0022) the keeper has VERSION, CPU_ON, AFFINITY_INFO, SYSTEM_OFF and SYSTEM_RESET: its cores are the handset's.
/// Calls of other guests are exits: what they get, the keeper says.
/// </summary>
public enum HvcFunction : uint
{
    /// <summary>→ x1 ABI version (<see cref="AbiVersion.Current"/>), x2 bytes of the handset's memory that the hypervisor keeps.</summary>
    Version = 0xC600_0000,

    /// <summary>x1 physical address of a page → x1 its <see cref="PageState"/>, x2 the VM that it is tied to.</summary>
    PageState = 0xC600_0001,

    /// <summary>
    /// x1 physical address, x2 pages, x3 vCPUs → x1 the new VM's number. Donates the pages, contiguous, to the hypervisor for the
    /// VM's control structures and stage-2 tables; <see cref="VmControl.Pages"/> says how many it takes.
    /// </summary>
    VmCreate = 0xC600_0002,

    /// <summary>x1 VM. Gives the control pages back, zeroed. Refused (Busy) while a vCPU runs or a page is still lent; in the second case the VM has ended all the same.</summary>
    VmDestroy = 0xC600_0003,

    /// <summary>x1 VM, x2 physical address, x3 guest address | <see cref="VmControl.LendReadOnly"/> or 0, x4 pages. Lends the keeper's pages to the VM; the keeper keeps access. If the guest's tables refuse one (AlreadyMapped, NoMemory), all are lent, those before it mapped, the others not: they come back by VmReclaim.</summary>
    VmLend = 0xC600_0004,

    /// <summary>x1 VM, x2 physical address, x3 pages, at most <see cref="VmControl.ReclaimPages"/>. Takes lent pages back, zeroed. The first one ends the VM, even if refused (Denied): none of its vCPUs runs again.</summary>
    VmReclaim = 0xC600_0005,

    /// <summary>x1 VM, x2 INTID of a shared peripheral interrupt (32 to 95), x3 level (0 or 1) of its line.</summary>
    VmSetInterrupt = 0xC600_0006,

    /// <summary>x1 VM, x2 vCPU, x3 core. Wake-ups of the vCPU ring the keeper's doorbell on this core.</summary>
    VcpuBind = 0xC600_0007,

    /// <summary>x1 VM, x2 vCPU, x3 entry (guest address), x4 value for its x0. Resets a vCPU that is off and makes it ready, which rings the doorbell of its core.</summary>
    VcpuStart = 0xC600_0008,

    /// <summary>x1 VM, x2 vCPU, x3 <see cref="VcpuRegister"/> → x1 value. The vCPU must not be running.</summary>
    VcpuGet = 0xC600_0009,

    /// <summary>
    /// x1 VM, x2 vCPU, x3 the answer to the MMIO read that it last left for, x4 not 0: nobody else wants this core
    /// → x1 <see cref="ExitReason"/>, x2 to x4 as that says, x5 ticks of the physical counter that the vCPU waited.
    /// Runs the vCPU on this core until something needs the keeper. If it waits for an interrupt while nobody else wants the core, the core
    /// waits with it, and only an interrupt for the keeper ends the call. Vector registers are not preserved.
    /// </summary>
    VcpuRun = 0xC600_000A,

    /// <summary>→ x1 mask of VMs with a vCPU bound to this core that became ready since the last call.</summary>
    TakeWakeups = 0xC600_000B,

    /// <summary>
    /// x1 physical address of a <see cref="HandsetDescription"/> in the 4 MB of hypervisor and keeper, x2 value for x0. The first call of all, once: before it every other one is
    /// <see cref="HvcStatus.NotSupported"/>, PSCI's too, and the keeper runs without a stage 2. The keeper has set the GIC's distributor up: affinity routing, group 1 on, its interrupts off. It does not return: the keeper begins again at its first instruction, as
    /// a virtual machine like any other, with x0, and in x1 the first physical address behind what the hypervisor keeps. If refused, nothing is established:
    /// InvalidParameters if the description breaks its rules or the boot core is not in it, NoMemory if the owner table doesn't fit into the 4 MB, Denied if the GIC has fewer
    /// than four list registers.
    /// </summary>
    Establish = 0xC600_000C,

    /// <summary>x1 VM, x2 vCPU, x3 <see cref="VcpuRegister"/> up to <see cref="VcpuRegister.Ttbr1El1"/>, x4 value. The vCPU must not be running. Whatever the value for its PSTATE: it goes on at EL1, with SP_EL1.</summary>
    VcpuSet = 0xC600_000D,

    /// <summary>x1 VM, x2 vCPU. It is off then; it must not be running.</summary>
    VcpuStop = 0xC600_000E,

    /// <summary>
    /// x1 seconds, 32 bits, from now on. If the keeper's vCPU of this core has not called again when they are over, the hypervisor reports where it is and restarts the handset.
    /// 0: it need not.
    /// </summary>
    Watchdog = 0xC600_000F,
}
