namespace Pocketvisor.Abi;

/// <summary>Why VcpuRun came back to the keeper; x2 to x4 carry the details named here.</summary>
public enum ExitReason : uint
{
    /// <summary>An interrupt for the keeper. The vCPU can go on.</summary>
    Interrupt = 0,

    /// <summary>The guest waits for an interrupt. x2: when its virtual timer fires, in ticks of the physical counter (CNTPCT_EL0); all ones if never.</summary>
    WaitForInterrupt = 1,

    /// <summary>An access to an address without memory, or a write to memory that the guest may only read. x2 guest physical address, x3 <see cref="MmioAccess"/>, x4 the value if it writes. VcpuRun completes it.</summary>
    Mmio = 2,

    /// <summary>The vCPU is off, and did not run.</summary>
    Off = 3,

    /// <summary>The guest did what cannot be completed. x2 ESR_EL2, x3 FAR_EL2, x4 guest physical address. If it runs again, it does it again.</summary>
    Fault = 4,

    /// <summary>
    /// The guest is at an instruction that the hypervisor does not carry out: it uses a system register, or what it may not have. x2 ESR_EL2, x3 its address,
    /// which for HVC and SMC is that of the next one, x4 what x0 holds. The keeper completes it by <see cref="HvcFunction.VcpuSet"/>.
    /// </summary>
    Instruction = 5,
}
