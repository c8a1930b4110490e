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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Handle(ref Vcpu vcpu)
    {
        // HPFAR_EL2 [39:4] is the page of the guest physical address, FAR_EL2 has the offset.
        ulong address = Cpu.HpfarEl2() >> 4 << 12 | Cpu.FarEl2() & 0xFFF;
        var trap = vcpu.Trap;
        bool isDevice = trap.Class == ExceptionClass.DataAbort && trap.IsDecoded && trap.IsTranslationFault;
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
            World.Leave(ref vcpu, VcpuState.Ready, ExitReason.Mmio, address, new MmioAccess(trap.Log2Size, trap.Writes).Bits, vcpu.Read(trap.Register));
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

    /// <summary>Nothing can complete it: the vCPU is off, and the keeper reports it.</summary>
    public static void Stop(ref Vcpu vcpu, ulong address)
    {
        if (vcpu.IsKeeper) Panic.Report("the keeper touched what is not its own, core "u8, ref vcpu);
        World.Leave(ref vcpu, VcpuState.Off, ExitReason.Fault, vcpu.Trap.Bits, Cpu.FarEl2(), address);
    }
}
