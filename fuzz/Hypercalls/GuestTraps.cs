using System;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Tests;
using Pocketvisor.Hypervisor.Vcpus;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Hypercalls;

/// <summary>
/// Every way in which a guest leaves: any exception class with any syndrome and addresses, whatever its registers hold; and what it does between traps without EL2, that EL2 finds
/// changed. Of the keeper, those traps that aren't panics.
/// </summary>
internal static class GuestTraps
{
    private const uint WaitForInterrupt = 0x01, Hvc = 0x16, Smc = 0x17, SystemRegister = 0x18, InstructionAbort = 0x20, DataAbort = 0x24, SystemError = 0x2F; // ESR_EL2.EC
    private const uint VectorAccess = 0x07;
    private const uint MdscrEl1 = 1, CntpctEl0 = 2; // of the table

    /// <summary>ICH_VMCR_EL2: both groups, every priority.</summary>
    public const ulong VmcrOpen = 0xF800_0003;

    // Without Rt and direction. The first three are EL2's own; the keeper gets the rest.
    private static readonly uint[] s_registers =
    [
        Register(3, 0, 12, 11, 5), Register(2, 0, 0, 2, 2), Register(3, 3, 14, 0, 1), // ICC_SGI1R_EL1, MDSCR_EL1, CNTPCT_EL0
        Register(3, 0, 12, 11, 6), Register(3, 0, 12, 11, 7), Register(3, 0, 12, 12, 0), Register(3, 0, 12, 12, 1), Register(3, 0, 12, 11, 1), Register(3, 0, 4, 6, 0), Register(3, 0, 12, 12, 5), // other ICC_…
        Register(2, 0, 0, 0, 5), Register(2, 0, 0, 15, 6), Register(2, 0, 1, 0, 4), Register(2, 0, 1, 3, 4), Register(2, 3, 0, 1, 0), // debug
        Register(3, 0, 0, 4, 0), Register(3, 0, 0, 1, 0), Register(3, 0, 0, 7, 1), Register(3, 0, 1, 0, 1), Register(3, 0, 10, 4, 3), Register(3, 0, 5, 3, 0), // identification, ACTLR, LORC, ERRIDR
        Register(3, 3, 14, 2, 1), Register(3, 3, 14, 0, 2), Register(3, 3, 9, 12, 0), Register(3, 0, 15, 0, 0), // CNTP_CTL, CNTVCT, PMCR, implementation defined
        Register(1, 0, 7, 14, 2), Register(1, 4, 8, 7, 4), Register(1, 4, 7, 8, 4), Register(3, 4, 1, 1, 0), Register(3, 6, 1, 1, 0), // DC CISW, TLBI, AT, HCR_EL2, SCR_EL3
    ];

    private static uint Register(uint op0, uint op1, uint crn, uint crm, uint op2) => op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | crm << 1;

    /// <summary>A trap of the guest that runs here, and what it may come to.</summary>
    public static void Trap(Choices choices)
    {
        ref Vcpu guest = ref FakeHandset.Running();
        (uint Vm, uint Index)? name = Cpu.Here.Loaded;
        ulong esr = Syndrome(choices, ref guest);
        uint how = choices.Byte();
        ulong address = choices.TrappingAddress();
        ulong far = (how & 1) != 0 ? choices.Value() : address;
        ulong translation = (how & 2) != 0 ? choices.Value() : (how & 4) != 0 ? 0x81F : 0xFF00_0000_0000_0A80 | address & 0x0000_FFFF_FFFF_F000; // PAR_EL1, whose bit 0 says that there is none
        Cpu.Here.GuestTranslation = _ => translation;
        Vcpu before = guest;
        FakeHandset.Trap(esr, far, address);

        uint ec = (uint)esr >> 26;
        ulong steps = guest.Pc - before.Pc;
        int changes = Changes((uint)esr, ec);
        for (int i = 0; i < 31; i++) Demand(i == changes || guest.X[i] == before.X[i], "A trap changes a register that it doesn't name.");
        Demand(steps is 0 or 2 or 4, "The guest goes on somewhere else.");
        Demand(guest.Pstate == before.Pstate, "A trap changes the guest's PSTATE.");
        if (Cpu.Here.Loaded == name) CheckStay((uint)esr, ec, steps, ref guest);
        else CheckExit((uint)esr, ec, far, steps, ref FakeHandset.Running());
    }

    private static ulong Syndrome(Choices choices, ref Vcpu guest)
    {
        uint kind = choices.Byte(), ec = kind & 0x3F, iss;
        if (ec == SystemRegister && choices.Byte() is var named && named < s_registers.Length)
        {
            uint how = choices.Byte(), rt = how & 31;
            iss = s_registers[named] | rt << 5 | how >> 5 & 1;
            if ((how & 0x40) != 0 && rt != 31) guest.X[(int)rt] = (how & 0x80) != 0 ? choices.Value() : Sgi(choices);
        }
        else
        {
            iss = choices.U32() & 0x1FF_FFFF; // of an abort each byte is a group of fields
        }
        ulong more = (kind & 0x80) != 0 ? (ulong)choices.U16() << 32 : 0; // ISS2
        return more | ec << 26 | ((kind & 0x40) != 0 ? 0 : 1u << 25) | iss;
    }

    // ICC_SGI1R_EL1 for any affinity.
    private static ulong Sgi(Choices choices)
    {
        ulong value = choices.U16() | (ulong)choices.Byte() << 24; // with what is reserved above INTID
        uint other = choices.Byte();
        value |= (ulong)(other & 1) << 40 | (ulong)(other & 2) << 43; // all but self; range selector
        if ((other & 4) != 0) value |= (ulong)choices.Byte() << 16 | (ulong)choices.Byte() << 32 | (ulong)choices.Byte() << 48;
        return value;
    }

    // The one general register that the guest may find changed.
    private static int Changes(uint esr, uint ec) => ec switch
    {
        SystemRegister when (esr & 1) != 0 => (int)(esr >> 5) & 31,
        DataAbort when (esr & 1 << 24) != 0 && (esr & 1 << 6) == 0 => (int)(esr >> 16) & 31,
        Hvc or Smc => 0,
        _ => 31,
    };

    private static void CheckStay(uint esr, uint ec, ulong steps, ref Vcpu guest)
    {
        Demand(ec is WaitForInterrupt or Hvc or Smc or SystemRegister or InstructionAbort or DataAbort, "A guest goes on as if nothing had been.");
        if (ec is InstructionAbort or DataAbort) Demand((esr & 0xBC) == 0x0C || (ec == DataAbort && (esr & 1 << 24) != 0 && (esr & 0x3C) == 0x04), "A guest goes on after an access that nobody has completed."); // not of a table walk
        if (ec != SystemRegister) return;
        uint register = Array.IndexOf(s_registers, esr & 0x01FF_FC1E) is var index and >= 0 ? (uint)index : uint.MaxValue, rt = esr >> 5 & 31;
        Demand(register <= CntpctEl0 && steps == 4, "EL2 carries out an access to a register that isn't its own.");
        if (register == CntpctEl0 && (esr & 1) != 0 && rt != 31) Demand(guest.X[(int)rt] == Cpu.Counter - guest.CntvoffEl2, "A guest reads another clock than its own.");
        if (register == MdscrEl1 && (esr & 1) != 0 && rt != 31) Demand(guest.X[(int)rt] == Cpu.Here.MdscrEl1, "A guest reads another MDSCR_EL1 than its own.");
    }

    private static void CheckExit(uint esr, uint ec, ulong far, ulong steps, ref Vcpu keeper)
    {
        ExitReason reason = (ExitReason)keeper.X[1];
        Demand(ec switch
        {
            WaitForInterrupt => reason == ExitReason.WaitForInterrupt,
            Hvc or Smc => reason is ExitReason.Instruction or ExitReason.WaitForInterrupt,
            DataAbort => reason is ExitReason.Mmio or ExitReason.Fault,
            InstructionAbort or SystemError => reason == ExitReason.Fault,
            _ => reason == ExitReason.Instruction,
        }, "The keeper hears of another reason.");
        if (reason == ExitReason.Mmio) Demand((esr & 1 << 24) != 0 && (esr & 1 << 8) == 0 && ((esr & 0x3C) == 0x04 || (esr & 0xFC) == 0x4C), "The keeper shall complete what it can't."); // ISV; not CM; translation, or permission to write
        if (reason == ExitReason.Mmio) Demand(keeper.X[3] < 8 && (keeper.X[2] & 0xFFF) == (far & 0xFFF) && keeper.X[2] - VirtualHandset.GicDistributor >= VirtualHandset.Pl011 - VirtualHandset.GicDistributor, "No access to a device of the keeper's.");
        if (reason is ExitReason.Fault or ExitReason.Instruction) Demand(keeper.X[2] == esr, "The keeper hears of another syndrome.");
        if (reason == ExitReason.Fault) Demand(keeper.X[3] == far, "The keeper hears of another address.");
        if (reason != ExitReason.WaitForInterrupt && ec != Smc) Demand(steps == 0, "The instruction that the keeper shall see is over.");
    }

    /// <summary>The keeper runs a vCPU, which completes its access with the answer.</summary>
    public static void Run(uint vm, uint index, ulong answer, ulong mayWait)
    {
        bool isThere = vm != VmControl.Keeper && Vms.State[(int)vm] == VmState.Alive && index < PhysicalMemory.Vm(vm).VcpuCount;
        Vcpu before = isThere ? PhysicalMemory.Vcpu(vm, index) : default;
        bool completes = before.AccessPending && before.State != VcpuState.Running;
        FakeHandset.Hvc(HvcFunction.VcpuRun, vm, index, answer, mayWait);
        if (!completes || Cpu.Here.Loaded != (vm, index)) return;
        ref Vcpu guest = ref FakeHandset.Running();
        uint esr = before.Trap.Bits;
        if ((esr & 1 << 6) == 0 && (esr >> 16 & 31) is var register and not 31) before.X[(int)register] = Loaded(esr, answer);
        Demand(((ReadOnlySpan<ulong>)guest.X).SequenceEqual(before.X), "An access is completed with another value, or in another register.");
        Demand(guest.Pc == before.Pc + ((esr & 1 << 25) != 0 ? 4u : 2), "An access is completed at another instruction.");
    }

    // What a load of a value leaves in its register.
    private static ulong Loaded(uint esr, ulong value)
    {
        bool signed = (esr & 1 << 21) != 0, wide = (esr & 1 << 15) != 0;
        ulong loaded = (esr >> 22 & 3) switch
        {
            0 => signed ? (ulong)(sbyte)value : (byte)value,
            1 => signed ? (ulong)(short)value : (ushort)value,
            2 => signed ? (ulong)(int)value : (uint)value,
            _ => value,
        };
        return wide ? loaded : (uint)loaded;
    }

    /// <summary>What a vCPU does without a trap: its registers.</summary>
    public static void Compute(Choices choices)
    {
        ref Vcpu vcpu = ref FakeHandset.Running();
        uint what = choices.Byte();
        if (what < 0x80)
        {
            vcpu.X[(int)what % 31] = choices.Value();
        }
        else if (what < 0xC0)
        {
            vcpu.Pc = choices.Value();
        }
        else if (!vcpu.IsKeeper)
        {
            uint pstate = choices.U32();
            vcpu.Pstate = (pstate & 0x10) != 0 ? pstate & ~0xFu : pstate & ~8u; // at EL0, 32 bits too, or at EL1: else no trap comes here
        }
    }

    /// <summary>The same: its virtual CPU interface, and timer. True if the core gets a maintenance interrupt for it.</summary>
    public static bool Interrupts(Choices choices)
    {
        FakeCore core = Cpu.Here;
        int what = choices.Byte();
        switch (what % 8)
        {
            case 0: core.Acknowledge(group1: true); break;
            case 1: core.Acknowledge(group1: false); break;
            case 2: core.IchVmcr = VmcrOpen; break;
            case 3: core.IchVmcr = choices.U32(); break;
            case 4: core.CntvCtl = choices.Byte() & 7u; break;
            case 5: core.CntvCval = choices.Value(); break;
            default:
                ulong[] active = Array.FindAll(core.Lists, entry => (entry & ListRegister.Active) != 0);
                return active.Length != 0 && core.End((uint)active[what / 8 % active.Length]) && what % 8 == 6; // else late, or never
        }
        return false;
    }

    /// <summary>What traps of the keeper, too.</summary>
    public static void KeeperTrap(Choices choices)
    {
        ref Vcpu keeper = ref FakeHandset.Running();
        uint what = choices.Byte();
        ulong address = VirtualHandset.GicDistributor + (what >= 0x80 ? choices.U16() : choices.U32() % (uint)(VirtualHandset.Pl011 - VirtualHandset.GicDistributor));
        switch (what % 8)
        {
            case 0 or 1: FakeHandset.Read(address, (int)what >> 3 & 3); break;
            case 2 or 3: FakeHandset.Write(address, choices.Value(), (int)what >> 3 & 3); break;
            case 4:
                uint how = choices.Byte(), rt = how & 31;
                if (rt != 31) keeper.X[(int)rt] = Sgi(choices);
                FakeHandset.Trap(SystemRegister << 26 | 1 << 25 | s_registers[what / 8 % (CntpctEl0 + 1)] | rt << 5 | how >> 5 & 1);
                break;
            case 5: FakeHandset.Trap(VectorAccess << 26 | choices.U32() & 0x3FF_FFFF); break;
            case 6: // a page that is not mapped yet
                address = what >= 0x80 ? VirtualHandset.Pl011 : FakeHandset.Free + choices.Byte() * FakeHandset.Page;
                if (what < 0x80 && !OwnerTable.KeeperMayAccess(address, 1)) break;
                FakeHandset.Trap((what & 8) != 0 ? InstructionAbort << 26 | 0x200_0007 : DataAbort << 26 | choices.U32() & 0x3FF_FFC0 | 7, address, address);
                break;
            case 7: // one that is gone
                Cpu.Here.GuestTranslation = _ => 0x81F;
                FakeHandset.Trap(DataAbort << 26 | choices.U32() & 0x3FF_FF40 | 0xF, address, address);
                break;
        }
    }
}
