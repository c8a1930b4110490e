using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Traps;

/// <summary>Accesses that stage 2 stopped: an emulated device, the keeper's memory not mapped yet, or a mistake.</summary>
internal static class Aborts
{
    private const ulong AddressMask = 0x0000_FFFF_FFFF_F000;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Handle(ref Vcpu vcpu)
    {
        var trap = vcpu.Trap;
        ulong virtualAddress = Cpu.FarEl2(), page = Cpu.HpfarEl2() << 8; // HPFAR_EL2 [39:4] is the page of the guest physical address
        if (trap.IsPermissionFault)
        {
            // Then it isn't (Arm ARM, "HPFAR_EL2": UNKNOWN), so the guest's own tables are asked. If they changed meanwhile, it tries again.
            page = Cpu.TranslateAsGuest(virtualAddress);
            if ((page & 1) != 0) return;
        }
        ulong address = page & AddressMask | virtualAddress & 0xFFF;
        bool isDevice = trap.Class == ExceptionClass.DataAbort && trap.IsDecoded && (trap.IsTranslationFault || (trap.IsPermissionFault && trap.Writes));
        if (isDevice && GicRegisters.Contains(address))
        {
            ulong value = GicRegisters.Access(ref vcpu, address, 1 << trap.Log2Size, trap.Writes, vcpu.Read(trap.Register));
            Finish(ref vcpu, value);
        }
        else if (vcpu.IsKeeper)
        {
            if (!trap.IsTranslationFault || !KeeperMemory.TryMap(address)) Stop(ref vcpu, address);
        }
        else if (isDevice && !trap.IsCacheMaintenance)
        {
            vcpu.AccessPending = true;
            World.Leave(ref vcpu, ExitReason.Mmio, address, MmioAccess.Pack(trap.Log2Size, trap.Writes), vcpu.Read(trap.Register));
        }
        else
        {
            Stop(ref vcpu, address);
        }
    }

    /// <summary>The access that the vCPU trapped for is done, with this value if it was a read.</summary>
    public static void Finish(ref Vcpu vcpu, ulong value)
    {
        if (!vcpu.Trap.Writes) vcpu.Write(vcpu.Trap.Register, vcpu.Trap.Extend(value));
        vcpu.SkipInstruction();
        vcpu.AccessPending = false;
    }

    /// <summary>Nothing can complete it: the keeper reports it.</summary>
    public static void Stop(ref Vcpu vcpu, ulong address)
    {
        if (vcpu.IsKeeper) Panic.Report("the keeper touched what is not its own, core "u8, ref vcpu);
        World.Leave(ref vcpu, ExitReason.Fault, vcpu.Trap.Bits, Cpu.FarEl2(), address);
    }
}
