namespace Pocketvisor.Abi;

/// <summary>
/// The machine that every guest sees, wherever it runs: compatible with QEMU's "virt" (hw/arm/virt documentation, memory map).
/// </summary>
public static class VirtualHandset
{
    public const ulong GicDistributor = 0x0800_0000, GicDistributorSize = 0x1_0000;

    /// <summary>One redistributor of two 64 kB frames for each vCPU.</summary>
    public const ulong GicRedistributor = 0x080A_0000, GicRedistributorSize = 0x2_0000;

    public const ulong Pl011 = 0x0900_0000;
    public const ulong Pl031 = 0x0901_0000;
    public const ulong Pl061 = 0x0903_0000;
    public const ulong VirtioMmio = 0x0A00_0000, VirtioMmioStep = 0x200;
    public const ulong Ram = 0x4000_0000;

    /// <summary>INTID of shared peripheral interrupt 0.</summary>
    public const int FirstSpi = 32;

    /// <summary>Shared peripheral interrupts that the virtual distributor has.</summary>
    public const int SpiCount = 64;

    public const int Pl011Spi = 1, Pl031Spi = 2, Pl061Spi = 7, VirtioSpi = 16;

    /// <summary>INTID of the virtual timer, a private peripheral interrupt.</summary>
    public const int VirtualTimerInterrupt = 27;
}
