using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Interrupts;

/// <summary>
/// The memory-mapped half of the virtual GICv3: distributor and redistributors (IHI 0069, "Distributor register map" and the
/// like). One security state, affinity routing always on, no LPIs, every line a level. What is not here reads as zero and ignores
/// writes.
/// </summary>
internal static class GicRegisters
{
    private const uint Iidr = 0x43B; // Arm
    private const uint Pidr2 = 0x3B; // GICv3

    // Distributor, and a redistributor's first frame.
    private const uint Ctlr = 0x0000, Typer = 0x0004, DistributorIidr = 0x0008, RedistributorTyper = 0x0008, Pidr2Offset = 0xFFE8;
    private const uint Priorities = 0x0400, Routers = 0x6000;

    // Registers of one bit an interrupt: 0x080, 0x100, … of the distributor and of a redistributor's second frame.
    private enum BitRegister : uint { Group = 1, SetEnable, ClearEnable, SetPending, ClearPending, SetActive, ClearActive }

    /// <summary>Whether the address is in the region that belongs to the GIC of a virtual handset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Contains(ulong address) => address - VirtualHandset.GicDistributor < VirtualHandset.Pl011 - VirtualHandset.GicDistributor;

    /// <summary>Reads, or writes the value. The address is one that the region contains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Access(ref Vcpu vcpu, ulong address, int size, bool writes, ulong value)
    {
        if ((address & (ulong)(size - 1)) != 0) return 0; // nothing may reach over a register, or out of a bank
        uint offset = (uint)(address - VirtualHandset.GicDistributor);
        if (offset < VirtualHandset.GicDistributorSize) return Distributor(ref vcpu, offset, size, writes, value);
        offset = (uint)(address - VirtualHandset.GicRedistributor);
        uint index = offset >> 17, last = PhysicalMemory.VmOf(ref vcpu).VcpuCount - 1; // two frames of 64 kB for each vCPU
        if (index > last) return 0; // nothing there, or below the first
        offset &= 0x1_FFFF;
        if (offset >= 0x1_0000) return Banked(ref vcpu, ref PhysicalMemory.Vcpu(vcpu.Vm, index), offset - 0x1_0000, size, writes, value, 0);
        return offset switch
        {
            RedistributorTyper => index << 8 | (index == last ? 1u << 4 : 0) | (ulong)index << 32, // number, last, affinity
            RedistributorTyper + 4 => index,
            Pidr2Offset => Pidr2,
            _ => 0, // GICR_WAKER: always awake
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Distributor(ref Vcpu vcpu, uint offset, int size, bool writes, ulong value)
    {
        ref Vm vm = ref PhysicalMemory.VmOf(ref vcpu);
        switch (offset)
        {
            case Ctlr:
                if (writes)
                {
                    vm.GicControl = (uint)value & 3; // EnableGrp1, EnableGrp0
                    LookAgain(ref vcpu);
                }
                return vm.GicControl | 1 << 4 | 1 << 6; // ARE, DS
            case Typer:
                return Vm.Interrupts / 32 - 1 | 9 << 19 | 1 << 25; // lines, 10 bits of INTID, no 1-of-N
            case DistributorIidr:
                return Iidr;
            case Pidr2Offset:
                return Pidr2;
            case >= Routers + 8 * VirtualHandset.FirstSpi and < Routers + 8 * Vm.Interrupts:
                return Router(ref vcpu, offset, writes, value);
            default:
                return Banked(ref vcpu, ref vcpu, offset, size, writes, value, Vm.Interrupts / 32 - 1);
        }
    }

    // GICD_IROUTER<n>: [7:0] Aff0, which is the vCPU; the rest of the affinity is zero for all of ours.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Router(ref Vcpu vcpu, uint offset, bool writes, ulong value)
    {
        if ((offset & 7) != 0) return 0;
        uint intId = (offset - Routers) / 8;
        ref byte target = ref Vgic.BankOf(ref vcpu, intId).Targets[(int)(intId & 31)];
        if (writes)
        {
            target = (byte)value;
            if (vcpu.IsKeeper) PhysicalGic.Route(intId, target);
            LookAgain(ref vcpu);
        }
        return target;
    }

    private static void LookAgain(ref Vcpu vcpu)
    {
        Vgic.Refresh(ref vcpu);
        Delivery.NotifyOthers(ref vcpu);
    }

    // What distributor and redistributor share. lastBank 0: the private interrupts of the owner; else the shared ones.
    private static ulong Banked(ref Vcpu vcpu, ref Vcpu owner, uint offset, int size, bool writes, ulong value, uint lastBank)
    {
        uint intId = offset < Priorities ? (offset & 0x7F) * 8 : offset - Priorities;
        ulong result = 0;
        if (intId / 32 <= lastBank && (intId >= 32 || lastBank == 0))
        {
            ref InterruptBank bank = ref Vgic.BankOf(ref owner, intId);
            if (offset < Priorities)
            {
                if (size == 4) result = Bits(ref vcpu, ref bank, (BitRegister)(offset >> 7), intId, writes, (uint)value);
            }
            else
            {
                for (int i = 0; i < size; i++) // a byte each
                {
                    ref byte priority = ref bank.Priorities[(int)(intId & 31) + i];
                    if (writes) priority = (byte)(value >> (8 * i) & 0xF8); // five bits, as the virtual CPU interface has
                    result |= (ulong)priority << (8 * i);
                }
            }
        }
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(ref Vcpu vcpu, ref InterruptBank bank, BitRegister register, uint intId, bool writes, uint value)
    {
        if (writes || register >= BitRegister.SetPending)
        {
            // What the list registers of the current vCPU hold counts too: take back what it has not taken yet, then deal again.
            Cpu.SaveLists(ref vcpu);
            Vgic.Collect(ref vcpu);
            if (writes) Write(ref vcpu, ref bank, register, intId, value);
            Vgic.Deal(ref vcpu);
            if (writes) Delivery.NotifyOthers(ref vcpu);
        }
        return register switch
        {
            BitRegister.Group => bank.Group,
            BitRegister.SetEnable or BitRegister.ClearEnable => bank.Enabled,
            BitRegister.SetPending or BitRegister.ClearPending => bank.Latched | bank.Level | (bank.Listed & ~bank.Active),
            BitRegister.SetActive or BitRegister.ClearActive => bank.Active,
            _ => 0,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(ref Vcpu vcpu, ref InterruptBank bank, BitRegister register, uint intId, uint value)
    {
        switch (register)
        {
            case BitRegister.Group: bank.Group = value; break;
            case BitRegister.SetEnable: bank.Enabled = bank.Enabled | value; break;
            case BitRegister.ClearEnable: bank.Enabled = bank.Enabled & ~value; break;
            case BitRegister.SetPending: bank.Latched = bank.Latched | value; break;
            case BitRegister.ClearPending: bank.Latched = bank.Latched & ~value; break;
            case BitRegister.ClearActive: Deactivate(ref vcpu, ref bank, intId, value); break;
        }
        if (vcpu.IsKeeper && register is BitRegister.SetEnable or BitRegister.ClearEnable)
            PhysicalGic.SetEnabled(vcpu.Core, intId, value, register == BitRegister.SetEnable);
    }

    // Only what is active is in the list registers now: it has been collected.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Deactivate(ref Vcpu vcpu, ref InterruptBank bank, uint intId, uint value)
    {
        for (int i = 0; i < Vgic.ListRegisters; i++)
        {
            ulong entry = vcpu.Lists[i];
            uint bit = 1u << (int)entry & value;
            if ((entry & ListRegister.Active) == 0 || ((uint)entry ^ intId) > 31 || bit == 0) continue;
            if ((entry & ListRegister.Hardware) != 0) Cpu.SetIccDirEl1(entry & 127);
            vcpu.Lists[i] = entry & ~ListRegister.Active;
        }
        Vgic.Collect(ref vcpu);
    }
}
