using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>The processor, as far as C# can't name it: cpu.S, switch.S, vectors.S, start.S.</summary>
internal static class Cpu
{
    private const MethodImplOptions Assembly = MethodImplOptions.InternalCall;

    [RuntimeImport("*", "esr_el2_read"), MethodImpl(Assembly)] public static extern ulong EsrEl2();
    [RuntimeImport("*", "far_el2_read"), MethodImpl(Assembly)] public static extern ulong FarEl2();
    [RuntimeImport("*", "hpfar_el2_read"), MethodImpl(Assembly)] public static extern ulong HpfarEl2();
    [RuntimeImport("*", "guest_translate"), MethodImpl(Assembly)] public static extern ulong TranslateAsGuest(ulong address);
    [RuntimeImport("*", "mpidr_el1_read"), MethodImpl(Assembly)] public static extern ulong MpidrEl1();
    [RuntimeImport("*", "cntpct_el0_read"), MethodImpl(Assembly)] public static extern ulong CntpctEl0();
    [RuntimeImport("*", "cntv_ctl_el0_read"), MethodImpl(Assembly)] public static extern ulong CntvCtlEl0();
    [RuntimeImport("*", "cntv_cval_el0_read"), MethodImpl(Assembly)] public static extern ulong CntvCvalEl0();
    [RuntimeImport("*", "ich_vtr_el2_read"), MethodImpl(Assembly)] public static extern ulong IchVtrEl2();
    [RuntimeImport("*", "ich_vmcr_el2_read"), MethodImpl(Assembly)] public static extern ulong IchVmcrEl2();
    [RuntimeImport("*", "ich_elrsr_el2_read"), MethodImpl(Assembly)] public static extern uint IchElrsrEl2();
    [RuntimeImport("*", "list_write"), MethodImpl(Assembly)] public static extern void SetList(uint index, ulong value);
    [RuntimeImport("*", "ttbr0_el2_read"), MethodImpl(Assembly)] public static extern ulong Ttbr0El2();
    [RuntimeImport("*", "mdscr_el1_read"), MethodImpl(Assembly)] public static extern ulong MdscrEl1();
    [RuntimeImport("*", "mdscr_el1_write"), MethodImpl(Assembly)] public static extern void SetMdscrEl1(ulong value);
    [RuntimeImport("*", "cptr_el2_write"), MethodImpl(Assembly)] public static extern void SetCptrEl2(ulong value);
    [RuntimeImport("*", "icc_iar1_el1_read"), MethodImpl(Assembly)] public static extern uint IccIar1El1();
    [RuntimeImport("*", "icc_eoir1_el1_write"), MethodImpl(Assembly)] public static extern void SetIccEoir1El1(ulong intId);
    [RuntimeImport("*", "icc_dir_el1_write"), MethodImpl(Assembly)] public static extern void SetIccDirEl1(ulong intId);
    [RuntimeImport("*", "sgi_send"), MethodImpl(Assembly)] public static extern void SendSgi(ulong iccSgi1r);
    [RuntimeImport("*", "core_initialise"), MethodImpl(Assembly)] public static extern void InitialiseCore();
    [RuntimeImport("*", "tables_publish"), MethodImpl(Assembly)] public static extern void PublishTables();
    [RuntimeImport("*", "tlb_forget_vm"), MethodImpl(Assembly)] public static extern void ForgetTranslationsOf(ulong vttbr);
    [RuntimeImport("*", "tlb_forget_el2"), MethodImpl(Assembly)] public static extern void ForgetOwnTranslations();
    [RuntimeImport("*", "memory_zero"), MethodImpl(Assembly)] public static extern void ZeroMemory(ulong address, ulong bytes);
    [RuntimeImport("*", "memory_clean"), MethodImpl(Assembly)] public static extern void CleanMemory(ulong address, ulong bytes);
    [RuntimeImport("*", "firmware_call"), MethodImpl(Assembly)] public static extern long CallFirmware(ulong function, ulong a, ulong b, ulong c);
    [RuntimeImport("*", "lock_acquire"), MethodImpl(Assembly)] public static extern void AcquireLock(ref int held);
    [RuntimeImport("*", "watchdog_start"), MethodImpl(Assembly)] public static extern void StartWatchdog(uint seconds);
    [RuntimeImport("*", "wait_for_interrupt"), MethodImpl(Assembly)] public static extern void WaitForInterrupt();
    [RuntimeImport("*", "core_halt"), MethodImpl(Assembly), DoesNotReturn] public static extern void Halt();

    [RuntimeImport("*", "world_save"), MethodImpl(Assembly)] public static extern void SaveWorld(ref Vcpu vcpu);
    [RuntimeImport("*", "world_load"), MethodImpl(Assembly)] public static extern void LoadWorld(ref Vcpu vcpu);
    [RuntimeImport("*", "lists_save"), MethodImpl(Assembly)] public static extern void SaveLists(ref Vcpu vcpu);
    [RuntimeImport("*", "lists_load"), MethodImpl(Assembly)] public static extern void LoadLists(ref Vcpu vcpu);
    [RuntimeImport("*", "fp_save"), MethodImpl(Assembly)] public static extern void SaveVectors(ref Vcpu vcpu);
    [RuntimeImport("*", "fp_load"), MethodImpl(Assembly)] public static extern void LoadVectors(ref Vcpu vcpu);
    [RuntimeImport("*", "activate"), MethodImpl(Assembly)] public static extern void Activate(ulong tables);

    [RuntimeImport("*", "secondary_address"), MethodImpl(Assembly)] public static extern ulong SecondaryStart();
    [RuntimeImport("*", "code_end"), MethodImpl(Assembly)] public static extern ulong CodeEnd();
    [RuntimeImport("*", "bss_end"), MethodImpl(Assembly)] public static extern ulong BssEnd();
    [RuntimeImport("*", "keeper_image"), MethodImpl(Assembly)] public static extern ulong KeeperImage();
}
