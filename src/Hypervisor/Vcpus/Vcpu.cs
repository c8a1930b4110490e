using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Traps;

namespace Pocketvisor.Hypervisor.Vcpus;

[InlineArray(32)]
internal struct GeneralRegisters { private ulong _x0; } // x0 to x30, and as number 31 a zero

[InlineArray(Vgic.ListRegisters)]
internal struct ListRegisterArray { private ulong _lr0; }

[InlineArray(66)]
internal struct VectorRegisters { private ulong _words; } // q0 to q31, FPCR, FPSR

/// <summary>
/// One virtual processor: its page of the VM's control memory. Guarded by the hypervisor's lock; its registers belong to the core
/// that it runs on.
/// </summary>
/// <remarks>Assembly knows the offsets down to <see cref="Vectors"/>: Machine/layout.inc. Abi's VcpuRegister counts the same words.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct Vcpu
{
    // Saved at every trap.
    public GeneralRegisters X;
    public ulong Pc, Pstate;
    public ulong Exits;

    // Saved when the core changes to another vCPU.
    public ulong SpEl0, SpEl1, ElrEl1, SpsrEl1, EsrEl1, FarEl1, SctlrEl1, VbarEl1, Ttbr0El1, Ttbr1El1, TcrEl1, MairEl1, AmairEl1;
    public ulong ContextIdrEl1, CpacrEl1, Afsr0El1, Afsr1El1, TpidrEl0, TpidrroEl0, TpidrEl1, ParEl1, CntkctlEl1, CsselrEl1, MdscrEl1;
    public ulong CntvCvalEl0, CntvCtlEl0;
    public ulong IchVmcr, IchAp0R0, IchAp1R0, IchHcr;
    public ListRegisterArray Lists;

    // Set once; loaded, never saved.
    public ulong HcrEl2, VttbrEl2, VmpidrEl2, CntvoffEl2, CnthctlEl2;

    public VcpuState State;
    public bool MayWaitHere;     // nobody else wants the core, says the keeper: a WFI need not leave
    public bool AccessPending;   // left for an access that Trap describes and the keeper completes
    public EsrEl2 Trap;          // why it trapped last, if not for an interrupt
    public ulong WaitedTicks;    // of the physical counter, since the keeper ran it

    public VectorRegisters Vectors;

    public uint Vm, Index;       // set once
    public uint Core;            // where it runs; if it doesn't, where the keeper's doorbell rings for it
    public uint VectorCore;      // the core whose vector registers last held this vCPU's
    public uint ListsInUse;      // a bit for each of Lists; an ended interrupt leaves its list register inactive, not empty
    public uint Patience;        // the keeper's: seconds within which it has to give a sign of life
    public InterruptBank Private; // SGIs and PPIs

    public const uint NoCore = uint.MaxValue;

    public readonly bool IsKeeper => Vm == Abi.VmControl.Keeper;

    /// <summary>Unlike every other guest vCPU's, and not 0.</summary>
    public readonly uint Name => Vm << 8 | Index;

    /// <summary>The instruction that trapped is done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SkipInstruction() => Pc += Trap.InstructionLength;

    /// <summary>Guest register 31 reads as zero and swallows writes. Register numbers are five bits of a syndrome, so none is larger.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read(int register) => Unsafe.Add(ref X[0], (nuint)(uint)register);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int register, ulong value)
    {
        Unsafe.Add(ref X[0], (nuint)(uint)register) = value;
        X[31] = 0;
    }
}
