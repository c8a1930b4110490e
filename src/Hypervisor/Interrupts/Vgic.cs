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

    /// <summary>
    /// The vCPU is current, and this interrupt of its own may have been raised: gives it to the guest beside what that has already. The
    /// quick way for what is most frequent, timers and SGIs; what is not so simple takes the other one.
    /// </summary>
    public static void Offer(ref Vcpu vcpu, uint intId)
    {
        uint ended = Cpu.IchElrsrEl2() & vcpu.ListsInUse;
        if (ended != 0) Retire(ref vcpu, ended);
        ref InterruptBank bank = ref vcpu.Private;
        if (intId >= VirtualHandset.FirstSpi) bank = ref BankOf(ref vcpu, intId);
        uint bit = 1u << (int)intId;
        uint free = (uint)BitOperations.TrailingZeroCount(~vcpu.ListsInUse);
        if (free >= ListRegisters || (bank.Listed & bit) != 0 || vcpu.IchHcr != IchHcrEnable) // or more urgent ones wait already
        {
            Refresh(ref vcpu);
        }
        else if ((bank.Raised & bit) != 0 && (PhysicalMemory.VmOf(ref vcpu).GicControl >> (int)(bank.Group >> (int)intId & 1) & 1) != 0)
        {
            Place(ref vcpu, free, intId, ref bank);
            Cpu.SetList(free, vcpu.Lists[(int)free & (ListRegisters - 1)]);
        }
    }

    /// <summary>Takes pending interrupts out of the saved list registers; what the guest has taken stays, what it has ended goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Collect(ref Vcpu vcpu)
    {
        if (vcpu.ListsInUse != 0) CollectSome(ref vcpu);
    }

    private static void CollectSome(ref Vcpu vcpu)
    {
        uint ended = 0;
        for (uint used = vcpu.ListsInUse; used != 0; used &= used - 1)
        {
            int i = BitOperations.TrailingZeroCount(used);
            ref ulong entry = ref vcpu.Lists[i];
            ref InterruptBank bank = ref BankOf(ref vcpu, (uint)entry);
            uint bit = 1u << (int)entry;
            // A line shows again by itself.
            bool isLine = (entry & (ListRegister.MaintenanceAtEoi | ListRegister.Hardware)) == ListRegister.MaintenanceAtEoi;
            if ((entry & ListRegister.Pending) != 0 && !isLine) bank.Latched = bank.Latched | bit;
            entry &= ~ListRegister.Pending;
            bank.Active = bank.Active | bit;
            if ((entry & ListRegister.Active) == 0) ended |= 1u << i;
        }
        if (ended != 0) Retire(ref vcpu, ended);
    }

    /// <summary>Deals the most urgent interrupts to the free list registers, in memory.</summary>
    public static void Fill(ref Vcpu vcpu)
    {
        // What the guest handles, if raised again meanwhile, becomes "active and pending". Not if it is a physical one (the timer, on another
        // core than before): its end deactivates that, and the level fires again.
        for (uint used = vcpu.ListsInUse; used != 0; used &= used - 1)
        {
            ref ulong entry = ref vcpu.Lists[BitOperations.TrailingZeroCount(used)];
            ref InterruptBank bank = ref BankOf(ref vcpu, (uint)entry);
            uint bit = 1u << (int)entry;
            bool isRaised = ((bank.Latched | bank.Level) & bank.Enabled & bit) != 0;
            if ((entry & ListRegister.Hardware) == 0)
            {
                if (!isRaised) continue;
                entry |= ListRegister.Pending | ((bank.Level & bit) != 0 ? ListRegister.MaintenanceAtEoi : 0);
            }
            bank.Latched = bank.Latched & ~bit;
        }
        vcpu.IchHcr = IchHcrEnable;
        ref Vm vm = ref PhysicalMemory.VmOf(ref vcpu);
        if ((vcpu.Private.Raised | vm.Shared[0].Raised | vm.Shared[1].Raised) == 0) return; // most of the time
        for (int urgent; (urgent = MostUrgent(ref vcpu, out _)) >= 0;)
        {
            uint free = (uint)BitOperations.TrailingZeroCount(~vcpu.ListsInUse);
            if (free >= ListRegisters)
            {
                vcpu.IchHcr = IchHcrEnable | IchHcrUnderflow; // more waits than the list registers hold: come back when they run empty
                break;
            }
            Place(ref vcpu, free, (uint)urgent, ref BankOf(ref vcpu, (uint)urgent));
        }
    }

    /// <summary>The deliverable interrupt with the lowest priority value, or -1. Groups as in GICD_CTLR: [1] group 1, [0] group 0.</summary>
    public static int MostUrgent(ref Vcpu vcpu, out byte priority, uint groups = ~0u)
    {
        ref Vm vm = ref PhysicalMemory.VmOf(ref vcpu);
        int best = -1;
        priority = 0xFF; // which also is "never": no priority register holds it
        ref InterruptBank bank = ref vcpu.Private;
        for (int first = 0; ; bank = ref vm.Shared[first / 32 & 1], first += 32)
        {
            if (bank.Raised != 0)
            {
                for (uint ready = bank.Raised & bank.OfGroups(groups & vm.GicControl); ready != 0; ready &= ready - 1)
                {
                    int bit = BitOperations.TrailingZeroCount(ready);
                    byte its = bank.Priorities[bit];
                    if (its >= priority || (first != 0 && bank.Targets[bit] != vcpu.Index)) continue;
                    priority = its;
                    best = first + bit;
                }
            }
            if (first + 32 == Vm.Interrupts) return best;
        }
    }

    /// <summary>Whether something would interrupt the vCPU, given its ICH_VMCR_EL2: what ends a WFI. Collect first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasWork(ref Vcpu vcpu, ulong vmcr) =>
        MostUrgent(ref vcpu, out byte priority, (uint)vmcr) >= 0 && priority < (byte)(vmcr >> 24); // VENG1, VENG0; VPMR

    /// <summary>Of interrupt 0 to 95, whatever is above bit 6: private to the vCPU, or shared.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref InterruptBank BankOf(ref Vcpu vcpu, uint intId)
    {
        intId &= 127;
        if (intId < 32) return ref vcpu.Private;
        return ref PhysicalMemory.VmOf(ref vcpu).Shared[(int)(intId / 32 - 1 & 1)];
    }

    // Puts an interrupt that is raised into a free list register, in memory. The mask saves a check of the index here, and in Offer and Retire.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Place(ref Vcpu vcpu, uint list, uint intId, ref InterruptBank bank)
    {
        uint bit = 1u << (int)intId;
        ulong entry = intId | (ulong)bank.Priorities[(int)intId & 31] << 48 | ListRegister.Pending;
        // Its own EOI deactivates the physical interrupt too: of the handset's devices for the keeper, of the timer for guests.
        if (vcpu.IsKeeper ? intId >= 16 : intId == VirtualHandset.VirtualTimerInterrupt) entry |= ListRegister.Hardware | (ulong)intId << 32;
        if ((bank.Level & bit) != 0) entry |= ListRegister.MaintenanceAtEoi;
        if ((bank.Group & bit) != 0) entry |= ListRegister.Group1;
        vcpu.Lists[(int)list & (ListRegisters - 1)] = entry;
        vcpu.ListsInUse = vcpu.ListsInUse | (1u << (int)list);
        bank.Listed = bank.Listed | bit;
        bank.Latched = bank.Latched & ~bit;
    }

    // These list registers, one at least, are free again: the guest has ended, or never took, what is in them.
    private static void Retire(ref Vcpu vcpu, uint lists)
    {
        vcpu.ListsInUse = vcpu.ListsInUse & ~lists;
        do
        {
            ref ulong entry = ref vcpu.Lists[BitOperations.TrailingZeroCount(lists) & (ListRegisters - 1)];
            uint intId = (uint)entry & 127;
            ref InterruptBank bank = ref vcpu.Private;
            if (intId >= VirtualHandset.FirstSpi) bank = ref PhysicalMemory.VmOf(ref vcpu).Shared[(int)(intId / 32 - 1 & 1)]; // BankOf, without a call
            uint bit = 1u << (int)intId;
            bank.Listed = bank.Listed & ~bit;
            bank.Active = bank.Active & ~bit;
            entry = 0;
            lists &= lists - 1;
        }
        while (lists != 0);
    }
}
