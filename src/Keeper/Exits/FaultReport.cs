using System;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Scheduling;

namespace Pocketvisor.Keeper.Exits;

/// <summary>What the log says of a vCPU that did something that cannot be completed. It is not running.</summary>
public static class FaultReport
{
    public static void Fault(Vcpu vcpu, VcpuExit exit)
    {
        Begin(vcpu).Add("fault: ESR "u8).Hex(exit.X2, 8).Add(", FAR "u8).Hex(exit.X3).Add(", guest physical address "u8).Hex(exit.X4)
            .Add(", PC "u8).Hex(Get(vcpu, VcpuRegister.Pc));
        Log.End();
        Registers(vcpu);
    }

    public static void NoDevice(Vcpu vcpu, ulong address, MmioAccess access)
    {
        Begin(vcpu).Add(access.Writes ? "fault: writes "u8 : "fault: reads "u8).Add(access.Size)
            .Add(" bytes at guest physical address "u8).Hex(address).Add(", where nothing is, PC "u8).Hex(Get(vcpu, VcpuRegister.Pc));
        Log.End();
        Registers(vcpu);
    }

    public static void Undefined(Vcpu vcpu, ulong syndrome, ulong address)
    {
        Begin(vcpu).Add("not allowed, undefined instruction injected: ESR "u8).Hex(syndrome, 8).Add(", PC "u8).Hex(address);
        Log.End();
    }

    /// <summary>It goes on; but whoever waits for it should know.</summary>
    public static void Deaf(Vcpu vcpu, ulong seconds)
    {
        Log.Begin(vcpu.Profile.Name).Add("vCPU "u8).Add(vcpu.Index).Add(" has not taken an interrupt for "u8).Add(seconds).Add(" s: PC "u8).Hex(Get(vcpu, VcpuRegister.Pc)).Add(", PSTATE "u8).Hex(Get(vcpu, VcpuRegister.Pstate))
            .Add("; its timer is due"u8);
        Log.End();
    }

    public static void Refused(Vcpu vcpu, HvcStatus status)
    {
        Begin(vcpu).Add("the hypervisor does not run it: status "u8).Add((int)status);
        Log.End();
    }

    private static void Registers(Vcpu vcpu)
    {
        const int perLine = 4;
        for (int i = 0; i < 31; i += perLine)
        {
            Text line = Begin(vcpu);
            for (int j = i; j < i + perLine && j < 31; j++)
                line.Add(j == i ? "x"u8 : "  x"u8).Add(j).Add(" "u8).Hex(Get(vcpu, (VcpuRegister)j), 16);
            Log.End();
        }
        Pair(vcpu, "PSTATE "u8, VcpuRegister.Pstate, "SCTLR_EL1 "u8, VcpuRegister.SctlrEl1);
        Pair(vcpu, "SP_EL0 "u8, VcpuRegister.SpEl0, "SP_EL1 "u8, VcpuRegister.SpEl1);
        Pair(vcpu, "ELR_EL1 "u8, VcpuRegister.ElrEl1, "SPSR_EL1 "u8, VcpuRegister.SpsrEl1);
        Pair(vcpu, "ESR_EL1 "u8, VcpuRegister.EsrEl1, "FAR_EL1 "u8, VcpuRegister.FarEl1);
        Pair(vcpu, "TTBR0_EL1 "u8, VcpuRegister.Ttbr0El1, "TTBR1_EL1 "u8, VcpuRegister.Ttbr1El1);
    }

    private static void Pair(Vcpu vcpu, ReadOnlySpan<byte> name, VcpuRegister register, ReadOnlySpan<byte> name2, VcpuRegister register2)
    {
        Begin(vcpu).Add(name).Hex(Get(vcpu, register), 16).Add("  "u8).Add(name2).Hex(Get(vcpu, register2), 16);
        Log.End();
    }

    private static Text Begin(Vcpu vcpu) => Log.Begin(vcpu.Profile.Name).Add("vCPU "u8).Add(vcpu.Index).Add(": "u8);

    private static ulong Get(Vcpu vcpu, VcpuRegister register) => Hypercall.VcpuGet(vcpu.Profile.Vm, vcpu.Index, register);
}
