using Pocketvisor.Abi;

namespace Pocketvisor.Keeper.Machine;

/// <summary>The GICv3 distributor and redistributors (Arm IHI 0069) that the hypervisor shows to the keeper.</summary>
public static class GicDistributor
{
    // Distributor
    private const ulong Control = 0, Groups = 0x80, SetEnable = 0x100, Priorities = 0x400, Configurations = 0xC00, Routes = 0x6000;
    private const uint EnableGroup1AndAffinityRouting = 0x12;

    // Redistributor: its second frame has the registers of private interrupts.
    private const ulong Waker = 0x14, PrivateFrame = 0x1_0000;
    private const uint ProcessorSleep = 1 << 1, ChildrenAsleep = 1 << 2;
    private const uint Priority = 0xA0A0_A0A0;

    private static SpinLock s_lock;

    public static void Enable() => DeviceMemory.Write32(VirtualHandset.GicDistributor + Control, EnableGroup1AndAffinityRouting);

    /// <summary>Lets through this core's software-generated interrupts and its timer.</summary>
    public static void EnableCore(int core)
    {
        ulong control = VirtualHandset.GicRedistributor + (ulong)core * VirtualHandset.GicRedistributorSize, frame = control + PrivateFrame;
        DeviceMemory.Write32(control + Waker, DeviceMemory.Read32(control + Waker) & ~ProcessorSleep);
        for (int i = 0; i < 1000 && (DeviceMemory.Read32(control + Waker) & ChildrenAsleep) != 0; i++) Cpu.Yield();
        DeviceMemory.Write32(frame + Groups, uint.MaxValue);
        for (ulong i = 0; i < 8; i++) DeviceMemory.Write32(frame + Priorities + 4 * i, Priority);
        DeviceMemory.Write32(frame + SetEnable, 0xFFFF | 1u << (int)GicCpu.TimerInterrupt);
    }

    /// <summary>Sends a shared peripheral interrupt to a core.</summary>
    public static void EnableShared(uint interrupt, bool isEdge, ulong mpidr)
    {
        ulong d = VirtualHandset.GicDistributor;
        s_lock.Enter();
        SetBits(d + Groups + interrupt / 32 * 4, 1u << (int)(interrupt % 32));
        DeviceMemory.Write8(d + Priorities + interrupt, unchecked((byte)Priority));
        uint shift = interrupt % 16 * 2;
        ulong configuration = d + Configurations + interrupt / 16 * 4;
        DeviceMemory.Write32(configuration, DeviceMemory.Read32(configuration) & ~(3u << (int)shift) | (isEdge ? 2u << (int)shift : 0));
        DeviceMemory.Write64(d + Routes + 8 * (ulong)interrupt, mpidr & 0xFF_00FF_FFFF);
        DeviceMemory.Write32(d + SetEnable + interrupt / 32 * 4, 1u << (int)(interrupt % 32));
        s_lock.Exit();
    }

    private static void SetBits(ulong register, uint bits) => DeviceMemory.Write32(register, DeviceMemory.Read32(register) | bits);
}
