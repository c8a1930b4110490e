using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>A processor: registers that a vCPU is loaded into, and the half of the GIC that the guest itself works with.</summary>
internal sealed class FakeCore
{
    private static readonly ulong s_junk = 0xBAD0_BAD0_BAD0_BAD0;

    public (uint Vm, uint Index)? Loaded;
    public ulong[] Lists = [.. Enumerable.Repeat(s_junk, Vgic.ListRegisters)];
    public ulong IchHcr = s_junk, IchVmcr, Hcr = s_junk, Vttbr = s_junk, Cptr = s_junk;
    public ulong Esr, Far, Hpfar;
    public ulong Mpidr;
    public bool IsInitialised;

    /// <summary>The hypervisor's own timer runs.</summary>
    public bool IsWatched;

    /// <summary>The guest's own tables: PAR_EL1 for a virtual address.</summary>
    public Func<ulong, ulong> GuestTranslation = _ => 0x0900_0000;
    public ulong EsrEl1, ElrEl1, SpsrEl1, VbarEl1, MdscrEl1, CntvCtl, CntvCval;
    public uint PendingPhysical = 1023;

    /// <summary>What happens while the core waits for an interrupt.</summary>
    public Action Waits = () => throw new InvalidOperationException("Nothing is said to happen while the core waits.");

    /// <summary>Deactivations of physical interrupts, by EL2 or by a guest's end of interrupt.</summary>
    public List<uint> Deactivated { get; } = [];

    public void MustHold(ref Vcpu vcpu)
    {
        if (Loaded != (vcpu.Vm, vcpu.Index)) throw new InvalidOperationException($"VM {vcpu.Vm} vCPU {vcpu.Index} is not loaded; {Loaded} is.");
    }

    /// <summary>The guest reads ICC_IAR1_EL1 or ICC_IAR0_EL1. IHI 0069, "Virtual CPU interface": 1023 if nothing can be taken.</summary>
    public uint Acknowledge(bool group1 = true)
    {
        int best = -1;
        for (int i = 0; i < Lists.Length; i++)
            if (State(i) == 1 && (best < 0 || Priority(i) < Priority(best))) best = i;
        if (best < 0 || Group1(best) != group1) return 1023;
        if (((IchVmcr >> (group1 ? 1 : 0)) & 1) == 0 || Priority(best) >= (byte)(IchVmcr >> 24)) return 1023;
        for (int i = 0; i < Lists.Length; i++)
            if ((State(i) & 2) != 0 && Priority(i) <= Priority(best)) return 1023; // does not preempt
        Lists[best] = (Lists[best] & ~ListRegister.Pending) | ListRegister.Active;
        return (uint)Lists[best];
    }

    /// <summary>The guest writes ICC_EOIR1_EL1, EOImode 0. Returns whether that raises the maintenance interrupt.</summary>
    public bool End(uint intId)
    {
        for (int i = 0; i < Lists.Length; i++)
        {
            if ((State(i) & 2) == 0 || (uint)Lists[i] != intId) continue;
            Lists[i] &= ~ListRegister.Active;
            if ((Lists[i] & ListRegister.Hardware) != 0) Deactivated.Add((uint)(Lists[i] >> 32) & 0x1FFF);
            bool eoi = State(i) == 0 && (Lists[i] & (ListRegister.Hardware | ListRegister.MaintenanceAtEoi)) == ListRegister.MaintenanceAtEoi;
            return eoi || ((IchHcr & 2) != 0 && Enumerable.Range(0, Lists.Length).Count(n => State(n) != 0) <= 1);
        }
        throw new InvalidOperationException($"The guest ended interrupt {intId}, which it has not taken.");
    }

    /// <summary>Interrupts in the list registers that wait to be taken.</summary>
    public uint[] Pending() => [.. Enumerable.Range(0, Lists.Length).Where(i => (State(i) & 1) != 0).Select(i => (uint)Lists[i])];

    /// <summary>ICH_ELRSR_EL2 (IHI 0069): list registers without a valid interrupt, and for which no end is to be told.</summary>
    public uint EmptyLists() => (uint)Enumerable.Range(0, Lists.Length).Sum(i => State(i) == 0 && (Lists[i] & (ListRegister.Hardware | ListRegister.MaintenanceAtEoi)) != ListRegister.MaintenanceAtEoi ? 1 << i : 0);

    private int State(int i) => (int)(Lists[i] >> 62);

    private byte Priority(int i) => (byte)(Lists[i] >> 48);

    private bool Group1(int i) => (Lists[i] & ListRegister.Group1) != 0;
}
