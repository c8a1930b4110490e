using System.Numerics;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Interrupts;

/// <summary>
/// Delivery of virtual interrupts. What is raised waits in the banks; the most urgent lie in the list registers of the vCPU,
/// where the guest takes and ends them without us. Whenever something changes, Collect takes back what the guest has not taken
/// yet, and Fill deals again.
/// </summary>
internal static class Vgic
{
    /// <summary>How many list registers we use. Boot checks that the handset has them.</summary>
    public const int ListRegisters = 4;

    public const uint TimerBit = 1u << VirtualHandset.VirtualTimerInterrupt;

    /// <summary>ICH_HCR_EL2.</summary>
    public const ulong IchHcrEnable = 1;

    private const ulong IchHcrUnderflow = 2;

    /// <summary>The vCPU is current: brings its list registers up to date.</summary>
    public static void Refresh(ref Vcpu vcpu)
    {
        Cpu.SaveLists(ref vcpu);
        Collect(ref vcpu);
        Deal(ref vcpu);
    }

    /// <summary>Fills the list registers of the current vCPU.</summary>
    public static void Deal(ref Vcpu vcpu)
    {
        Fill(ref vcpu);
        Cpu.LoadLists(ref vcpu);
    }

    /// <summary>Takes pending interrupts out of the saved list registers; what the guest has taken stays, what it has ended goes.</summary>
    public static void Collect(ref Vcpu vcpu)
    {
        for (int i = 0; i < ListRegisters; i++)
        {
            ulong entry = vcpu.Lists[i];
            if ((vcpu.ListsInUse >> i & 1) == 0) continue;
            ref InterruptBank bank = ref BankOf(ref vcpu, (uint)entry);
            uint bit = 1u << (int)entry;
            if ((entry & ListRegister.Pending) != 0)
            {
                entry &= ~ListRegister.Pending;
                // A line shows again by itself.
                if ((entry & (ListRegister.MaintenanceAtEoi | ListRegister.Hardware)) != ListRegister.MaintenanceAtEoi) bank.Latched |= bit;
            }
            bank.Active |= bit;
            if ((entry & ListRegister.Active) == 0)
            {
                entry = 0;
                vcpu.ListsInUse &= ~(1u << i);
                bank.Listed &= ~bit;
                bank.Active &= ~bit;
            }
            vcpu.Lists[i] = entry;
        }
    }

    /// <summary>Deals the most urgent interrupts to the free list registers, in memory.</summary>
    public static void Fill(ref Vcpu vcpu)
    {
        bool more = true;
        for (int i = 0; i < ListRegisters; i++)
        {
            ulong entry = vcpu.Lists[i];
            uint intId = (uint)entry & 127;
            if ((vcpu.ListsInUse >> i & 1) == 0)
            {
                if (!more) continue;
                int urgent = MostUrgent(ref vcpu, out byte priority);
                more = urgent >= 0;
                if (!more) continue;
                intId = (uint)urgent;
                entry = intId | (ulong)priority << 48;
                // Its own EOI deactivates the physical interrupt too: of the handset's devices for the keeper, of the timer for guests.
                if (vcpu.IsKeeper ? intId >= 16 : intId == VirtualHandset.VirtualTimerInterrupt) entry |= ListRegister.Hardware | (ulong)intId << 32;
            }
            // Else the guest handles this one. Raised again meanwhile, it becomes "active and pending"; not if it is a physical
            // one, which the physical GIC holds back itself.
            else if ((entry & ListRegister.Hardware) != 0)
            {
                continue;
            }
            ref InterruptBank bank = ref BankOf(ref vcpu, intId);
            uint bit = 1u << (int)intId;
            if (((bank.Latched | bank.Level) & bank.Enabled & bit) == 0) continue;
            if ((bank.Level & bit) != 0) entry |= ListRegister.MaintenanceAtEoi;
            if ((bank.Group & bit) != 0) entry |= ListRegister.Group1;
            vcpu.Lists[i] = entry | ListRegister.Pending;
            vcpu.ListsInUse |= 1u << i;
            bank.Listed |= bit;
            bank.Latched &= ~bit;
        }
        // More may be waiting than the list registers hold: come back when they run empty.
        vcpu.IchHcr = more && MostUrgent(ref vcpu, out _) >= 0 ? IchHcrEnable | IchHcrUnderflow : IchHcrEnable;
    }

    /// <summary>The deliverable interrupt with the lowest priority value, or -1. Groups as in GICD_CTLR: [1] group 1, [0] group 0.</summary>
    public static int MostUrgent(ref Vcpu vcpu, out byte priority, uint groups = ~0u)
    {
        groups &= PhysicalMemory.Vm(vcpu.Vm).GicControl;
        int best = -1;
        priority = 0xFF; // which also is "never": no priority register holds it
        for (uint first = 0; first < Vm.Interrupts; first += 32)
        {
            ref InterruptBank bank = ref BankOf(ref vcpu, first);
            for (uint ready = bank.Deliverable(groups); ready != 0; ready &= ready - 1)
            {
                int bit = BitOperations.TrailingZeroCount(ready);
                byte its = bank.Priorities[bit];
                if (its >= priority || (first != 0 && bank.Targets[bit] != vcpu.Index)) continue;
                priority = its;
                best = (int)first + bit;
            }
        }
        return best;
    }

    /// <summary>Whether something would interrupt the vCPU, given its ICH_VMCR_EL2: what ends a WFI. Collect first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasWork(ref Vcpu vcpu, ulong vmcr) =>
        MostUrgent(ref vcpu, out byte priority, (uint)vmcr) >= 0 && priority < (byte)(vmcr >> 24); // VENG1, VENG0; VPMR

    /// <summary>Of interrupt 0 to 95, whatever is above bit 6: private to the vCPU, or shared.</summary>
    public static ref InterruptBank BankOf(ref Vcpu vcpu, uint intId)
    {
        intId &= 127;
        if (intId < 32) return ref vcpu.Private;
        return ref PhysicalMemory.Vm(vcpu.Vm).Shared[(int)(intId / 32 - 1 & 1)];
    }
}
