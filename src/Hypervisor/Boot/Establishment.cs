using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Boot;

/// <summary>
/// The keeper's first call (docs/decisions/0015): EL2 learns what the handset has, and from then on the keeper is a virtual machine. Everything of EL2's lies in
/// the 4 MB that the image header claims:
/// <code>
///   image ──▶ ┌────────────────┐ 0       code, constants │ a hole, the boot core's stack │ statics
///             │ hypervisor     │         EL2
///             ├────────────────┤ 64 kB
///             │ keeper's image │         the keeper
///             ├────────────────┤
///             │ owner table    │ 1 byte a page of memory
///             │ stacks         │ 8 kB a core, the first at the end: a hole, then the stack. The boot core doesn't use its
///             │ EL2's tables   │         EL2
///             │ keeper's VM    │ control pages, as for every VM
///             ├────────────────┤
///             │ free           │         the keeper
///             └────────────────┘ 4 MB
/// </code>
/// </summary>
internal static class Establishment
{
    private const ulong ImageLimit = 4ul << 20, KeeperOffset = 64ul << 10;
    private const ulong PageSize = TranslationTables.PageSize;
    private const ulong StackStride = 2 * PageSize;
    private const ulong KeeperTablePages = 32;
    private const ulong RedistributorSize = 0x2_0000;

    /// <summary>Whether it has been done.</summary>
    public static bool IsDone => Cores.Count != 0;

    /// <summary>HvcFunction.Establish. When it succeeds, this trap returns to the keeper's first instruction.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static HvcStatus Establish(ulong address, ulong context)
    {
        ulong keeper = Cpu.KeeperImage(), image = keeper - KeeperOffset;
        uint core = Check(address, image);
        uint cores = (uint)Handset.Description.CoreCount;

        // Where everything lies, if the description is right.
        ulong owners = RoundUp(keeper + PhysicalMemory.Word(keeper + 16));
        ulong stacks = RoundUp(owners + OwnerTable.Pages);
        ulong tables = stacks + cores * StackStride;
        ulong control = tables + AddressSpace.TablePages * PageSize;
        ulong controlPages = 2 + cores + KeeperTablePages;
        ulong end = control + controlPages * PageSize;
        Cpu.InitialiseCore();
        HvcStatus status = core >= cores ? HvcStatus.InvalidParameters
            : end - image > ImageLimit ? HvcStatus.NoMemory
            : (Cpu.IchVtrEl2() & 31) + 1 < Vgic.ListRegisters ? HvcStatus.Denied
            : HvcStatus.Success;
        if (status == HvcStatus.Success)
        {
            Cpu.ZeroMemory(owners, end - owners);
            AddressSpace.Initialise(tables, owners);
            ulong code = Cpu.CodeEnd();
            AddressSpace.MapCode(image, code);
            AddressSpace.MapData(code + PageSize, Cpu.BssEnd()); // the boot tables' page becomes the hole below the boot stack
            AddressSpace.MapData(owners, stacks);
            for (; stacks < tables; stacks += StackStride) AddressSpace.MapData(stacks + PageSize, stacks + StackStride);
            AddressSpace.MapData(tables, control);
            for (int i = 0; i < (int)Handset.Description.RangeCount; i++)
            {
                ref AddressRange range = ref Unsafe.Add(ref Handset.Description.Ranges[0], i);
                if (i < HandsetDescription.FirstBank) AddressSpace.MapDevice(range.Start, range.End);
                else OwnerTable.Assign(range.Start, range.End, PageState.Keeper);
            }
            OwnerTable.Assign(image, keeper, PageState.Hypervisor);
            OwnerTable.Assign(owners, end, PageState.Hypervisor);
            Handset.BytesKept = end - owners + KeeperOffset;
            Cores.Count = cores;
            Cpu.Activate(tables);

            AddressSpace.OpenWindow(VmControl.Keeper, control, controlPages);
            VmLifecycle.Initialise(VmControl.Keeper, control, controlPages, cores);
            ref Vcpu vcpu = ref PhysicalMemory.Vcpu(VmControl.Keeper, core);
            VmLifecycle.Reset(ref vcpu, keeper, context);
            vcpu.X[1] = end;
            vcpu.State = VcpuState.Running;
            EnterKeeper(core);
            // What the TLB holds of the keeper knows nothing of stage 2 (Arm ARM, "TLB maintenance requirements").
            Cpu.ForgetTranslationsOf(vcpu.VttbrEl2);
        }
        return status;
    }

    /// <summary>Copies the description once and checks the copy; owner table and cores take from it what they are told.</summary>
    /// <returns>The core that this is, or, if something is wrong, NoCore.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Check(ulong address, ulong image)
    {
        ref HandsetDescription handset = ref Handset.Description;
        if ((address & 7) != 0 || address - image >= ImageLimit) return Vcpu.NoCore;
        for (int i = 0; i < HandsetDescription.Words; i++) Unsafe.Add(ref handset.RangeCount, i) = PhysicalMemory.Word(address + 8 * (ulong)i);
        if (handset.RangeCount > HandsetDescription.FirstBank + HandsetDescription.MaxBanks || handset.CoreCount > VmControl.MaxVcpus) return Vcpu.NoCore;

        ref AddressRange ranges = ref handset.Ranges[0]; // no index beyond the counts, which are checked
        ulong memory = ulong.MaxValue, memoryEnd = 0;
        bool isOurs = false;
        for (int i = 0; i < (int)handset.RangeCount; i++)
        {
            ref AddressRange range = ref Unsafe.Add(ref ranges, i);
            ulong start = range.Start, end = range.End;
            if (((start | end) & (PageSize - 1)) != 0 || start >= end || end > PhysicalMemory.Windows) return Vcpu.NoCore;
            for (ref AddressRange other = ref ranges; !Unsafe.AreSame(ref other, ref range); other = ref Unsafe.Add(ref other, 1))
                if (start < other.End && other.Start < end) return Vcpu.NoCore;
            if (i < HandsetDescription.FirstBank) continue;
            memory = Math.Min(memory, start);
            memoryEnd = Math.Max(memoryEnd, end);
            isOurs |= start <= image && image + ImageLimit <= end; // all that is EL2's lies in one bank, so there is one
        }
        if (!isOurs) return Vcpu.NoCore;
        OwnerTable.Initialise(memory, memoryEnd);

        ulong mpidr = Cpu.MpidrEl1() & Handset.AffinityMask;
        uint here = Vcpu.NoCore; // it need not be the first in the tree
        AddressRange redistributors = handset.Ranges[HandsetDescription.Gicr];
        for (uint i = 0; i < (uint)handset.CoreCount; i++)
        {
            ref Core core = ref Cores.At(i);
            ref CoreDescription from = ref Unsafe.Add(ref handset.Cores[0], (int)i);
            core.Mpidr = from.Mpidr;
            core.Redistributor = from.Redistributor;
            ulong offset = core.Redistributor - redistributors.Start;
            if ((offset & (RedistributorSize - 1)) != 0 || offset >= (redistributors.End - redistributors.Start & ~(RedistributorSize - 1))) return Vcpu.NoCore;
            if (core.Mpidr == mpidr) here = i;
        }
        return here;
    }

    /// <summary>A core's first way into its keeper: the boot core's, and others' that the keeper turned on (Hypercalls/Psci.cs). It goes on there when the trap, or secondary_start, returns.</summary>
    [RuntimeExport("secondary_main")]
    private static void EnterKeeper(uint core)
    {
        PhysicalGic.InitialiseCore(Cores.At(core).Redistributor);
        Cpu.LoadWorld(ref PhysicalMemory.Vcpu(VmControl.Keeper, core));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong RoundUp(ulong address) => (address + PageSize - 1) & ~(PageSize - 1);
}
