using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>The instructions that C# can't name, on the core that is current.</summary>
internal static class Cpu
{
    private static readonly Dictionary<(ulong Vttbr, ulong Page), ulong> s_tlb = [];

    public static FakeCore[] All { get; private set; } = [];

    public static FakeCore Here => All[Current];

    /// <summary>The core whose instructions these are: each thread is one.</summary>
    [field: ThreadStatic]
    public static uint Current { get; set; }

    public static ulong Counter { get; set; }

    public static List<(ulong Function, ulong A, ulong B, ulong C)> FirmwareCalls { get; } = [];

    public static long FirmwareAnswer { get; set; }

    public static int ListRegisters { get; set; }

    /// <summary>VMs whose translations the TLBs were told to forget.</summary>
    public static List<ulong> Forgotten { get; } = [];

    /// <summary>What EL2 translates by; 0: the boot tables.</summary>
    public static ulong Tables { get; private set; }

    public static void Reset(int cores)
    {
        All = new FakeCore[cores];
        for (int i = 0; i < cores; i++) All[i] = new FakeCore { Mpidr = (uint)i };
        Current = 0;
        Counter = 1_000_000;
        FirmwareCalls.Clear();
        FirmwareAnswer = 0;
        ListRegisters = Vgic.ListRegisters;
        Tables = 0;
        Forgotten.Clear();
        s_tlb.Clear();
    }

    /// <summary>What cores remember of the tables that they walked: by root and page, the physical page. One TLB for all of them.</summary>
    public static IReadOnlyDictionary<(ulong Vttbr, ulong Page), ulong> Tlb => s_tlb;

    /// <summary>A core walks the tables for this page and keeps what it found.</summary>
    public static void Remember(ulong vttbr, ulong page, ulong physical = 0) => s_tlb[(vttbr, page)] = physical;

    /// <summary>The TLB is empty, and so are the records of what EL2 asked for.</summary>
    public static void ForgetAll()
    {
        s_tlb.Clear();
        Forgotten.Clear();
        FirmwareCalls.Clear();
        foreach (FakeCore core in All) core.Deactivated.Clear();
    }

    public static bool Remembers(ulong vttbr) => System.Linq.Enumerable.Any(s_tlb, t => t.Key.Vttbr == vttbr);

    public static ulong EsrEl2() => Here.Esr;
    public static ulong FarEl2() => Here.Far;
    public static ulong HpfarEl2() => Here.Hpfar;
    public static ulong TranslateAsGuest(ulong address) => Here.GuestTranslation(address);
    public static ulong MpidrEl1() => Here.Mpidr | 1ul << 31;
    public static ulong CntpctEl0() => Counter;
    public static ulong CntvCtlEl0() => Here.CntvCtl;
    public static ulong CntvCvalEl0() => Here.CntvCval;
    public static ulong IchVmcrEl2() => Here.IchVmcr;
    public static uint IchElrsrEl2() => Here.EmptyLists();
    public static void SetList(uint index, ulong value) => Here.Lists[index] = value;
    public static ulong Ttbr0El2() => 0x1234_5000;
    public static ulong MdscrEl1() => Here.MdscrEl1;
    public static void SetMdscrEl1(ulong value) => Here.MdscrEl1 = value;
    public static void SetCptrEl2(ulong value) => Here.Cptr = value;

    public static uint IccIar1El1()
    {
        uint intId = Here.PendingPhysical;
        Here.PendingPhysical = 1023;
        return intId;
    }

    public static void SetIccEoir1El1(ulong intId)
    {
        _ = intId; // drops the running priority only
    }

    public static void SetIccDirEl1(ulong intId) => Here.Deactivated.Add((uint)intId);

    public static void StartWatchdog(uint seconds) => Here.IsWatched = seconds != 0;

    /// <summary>Waits until a physical interrupt is pending; what happens meanwhile, the test says.</summary>
    public static void WaitForInterrupt() => Here.Waits();

    public static void PublishTables()
    {
    }

    public static void ForgetTranslationsOf(ulong vttbr)
    {
        Forgotten.Add(vttbr);
        foreach (var entry in s_tlb.Keys)
            if (entry.Vttbr == vttbr) s_tlb.Remove(entry); // which an enumeration survives
    }

    public static void ForgetOwnTranslations()
    {
    }

    public static void ZeroMemory(ulong address, ulong bytes) => PhysicalMemory.Zero(address, bytes);

    public static long CallFirmware(ulong function, ulong a, ulong b, ulong c)
    {
        FirmwareCalls.Add((function, a, b, c));
        return FirmwareAnswer;
    }

    /// <summary>One thread tests at a time: a lock that is held already is never released.</summary>
    public static void AcquireLock(ref int held) => held = held == 0 ? 1 : throw new System.InvalidOperationException("the lock is held already");

    [DoesNotReturn]
    public static void Halt() => throw new HandsetOffException(Hypervisor.Boot.Console.Text.ToString());

    public static ulong SecondaryStart() => 0x4000_0100;

    // The image: 64 kB from 0x4000_0000.
    public static ulong CodeEnd() => 0x4000_5000;
    public static ulong BssEnd() => 0x4000_8000;
    public static ulong KeeperImage() => 0x4001_0000;

    public static void InitialiseCore() => Here.IsInitialised = true;

    /// <summary>A core that is not initialised yet may not read it.</summary>
    public static ulong IchVtrEl2() => Here.IsInitialised ? (ulong)ListRegisters - 1 : throw new InvalidOperationException("ICC_SRE_EL2 is not set.");

    public static void Activate(ulong tables) => Tables = tables;

    public static void SaveWorld(ref Vcpu vcpu)
    {
        SaveLists(ref vcpu);
        vcpu.EsrEl1 = Here.EsrEl1;
        vcpu.ElrEl1 = Here.ElrEl1;
        vcpu.SpsrEl1 = Here.SpsrEl1;
        vcpu.VbarEl1 = Here.VbarEl1;
        vcpu.MdscrEl1 = Here.MdscrEl1;
        vcpu.CntvCtlEl0 = Here.CntvCtl;
        vcpu.CntvCvalEl0 = Here.CntvCval;
        vcpu.IchVmcr = Here.IchVmcr;
        Here.CntvCtl = 0;
    }

    public static void LoadWorld(ref Vcpu vcpu)
    {
        Here.Loaded = (vcpu.Vm, vcpu.Index);
        Here.EsrEl1 = vcpu.EsrEl1;
        Here.ElrEl1 = vcpu.ElrEl1;
        Here.SpsrEl1 = vcpu.SpsrEl1;
        Here.VbarEl1 = vcpu.VbarEl1;
        Here.MdscrEl1 = vcpu.MdscrEl1;
        Here.CntvCtl = vcpu.CntvCtlEl0;
        Here.CntvCval = vcpu.CntvCvalEl0;
        Here.IchVmcr = vcpu.IchVmcr;
        Here.Hcr = vcpu.HcrEl2;
        Here.Vttbr = vcpu.VttbrEl2;
        LoadLists(ref vcpu);
    }

    public static void SaveLists(ref Vcpu vcpu)
    {
        Here.MustHold(ref vcpu);
        for (int i = 0; i < Here.Lists.Length; i++) vcpu.Lists[i] = Here.Lists[i];
    }

    public static void LoadLists(ref Vcpu vcpu)
    {
        Here.MustHold(ref vcpu);
        for (int i = 0; i < Here.Lists.Length; i++) Here.Lists[i] = vcpu.Lists[i];
        Here.IchHcr = vcpu.IchHcr;
    }

    public static void SaveVectors(ref Vcpu vcpu) => Here.MustHold(ref vcpu);

    public static void LoadVectors(ref Vcpu vcpu) => Here.MustHold(ref vcpu);
}
