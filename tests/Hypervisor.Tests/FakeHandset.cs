using System;
using System.Reflection;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Traps;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

// EL2's state is static: one handset at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Pocketvisor.Hypervisor.Tests;

/// <summary>
/// A handset on which the hypervisor has just started its keeper on every core; what Boot/Establishment.cs does, but with a rounder layout.
/// <code>
///   0x4000_0000  hypervisor's own, 1 MB   0x4010_0000  the keeper's   0x4400_0000 end   0x4800_0000 0x100 more pages, behind a hole
/// </code>
/// </summary>
internal static class FakeHandset
{
    public const ulong Memory = 0x4000_0000, OwnBytes = 0x10_0000, MemoryBytes = 64 << 20;
    public const ulong SecondBank = 0x4800_0000, SecondBankBytes = 0x100 * 0x1000;
    public const ulong Free = Memory + (2 << 20);
    public const ulong Page = 0x1000;

    /// <summary>When a panic no longer means that the handset does nothing but restart, by <see cref="Cpu.Counter"/>.</summary>
    public const ulong RestartableAt = 5_000_000;

    private delegate void TrapHandler(ref Vcpu vcpu, ulong esr);

    private delegate void InterruptHandler(ref Vcpu vcpu);

    private static Vcpu[] s_early = [];

    private static readonly TrapHandler s_synchronous = Entry<TrapHandler>("Synchronous");

    private static readonly InterruptHandler s_interrupt = Entry<InterruptHandler>("Interrupt");

    /// <summary>The keeper at its very first instruction: EL2 knows nothing of the handset.</summary>
    public static void StartEarly(int cores = 4, ulong end = SecondBank + SecondBankBytes)
    {
        PhysicalMemory.Reset((int)((end - Memory) / Page));
        Cpu.Reset(cores);
        PhysicalGic.Reset();
        SpinLock.IsTaken = false;
        Hypervisor.Boot.Console.Text.Clear();
        Hypervisor.Boot.Handset.Description = default;
        Vms.State = default;
        Cores.Count = 0;
        s_early = [default];
    }

    /// <summary>What an honest keeper says of it.</summary>
    public static HandsetDescription Describe(int cores = 4)
    {
        HandsetDescription handset = new() { CoreCount = (uint)cores, RangeCount = HandsetDescription.FirstBank + 2, RestartableAt = RestartableAt };
        handset.Ranges[HandsetDescription.Gicd] = new() { Start = 0x0800_0000, End = 0x0801_0000 };
        handset.Ranges[HandsetDescription.Gicr] = new() { Start = 0x080A_0000, End = 0x080A_0000 + 0x2_0000ul * (uint)cores };
        handset.Ranges[HandsetDescription.Uart] = new() { Start = 0x0900_0000, End = 0x0900_1000 };
        handset.Ranges[HandsetDescription.FirstBank] = new() { Start = Memory, End = Memory + MemoryBytes };
        handset.Ranges[HandsetDescription.FirstBank + 1] = new() { Start = SecondBank, End = SecondBank + SecondBankBytes };
        for (int i = 0; i < cores; i++) handset.Cores[i] = new() { Mpidr = (uint)i, Redistributor = 0x080A_0000 + 0x2_0000ul * (uint)i };
        return handset;
    }

    public static void Start(int cores = 4) => Start(Describe(cores), 32);

    /// <summary>Another one: banks in ascending order, the first from <see cref="Memory"/> on; pages for the keeper's stage-2 tables.</summary>
    public static void Start(HandsetDescription handset, ulong keeperTables)
    {
        uint cores = (uint)handset.CoreCount;
        ulong end = handset.Ranges[(int)handset.RangeCount - 1].End;
        StartEarly((int)cores, end);
        Hypervisor.Boot.Handset.Description = handset;
        Cores.Count = cores;
        for (uint i = 0; i < VmControl.MaxVcpus; i++) Cores.At(i) = new Core { Mpidr = i };

        const ulong tables = Memory, control = tables + AddressSpace.TablePages * Page;
        ulong controlPages = 2 + cores + keeperTables;
        PhysicalMemory.Zero(tables, AddressSpace.TablePages * Page + controlPages * Page);
        AddressSpace.Initialise(tables, 0);
        OwnerTable.Initialise(Memory, end);
        for (int i = HandsetDescription.FirstBank; i < (int)handset.RangeCount; i++) OwnerTable.Assign(handset.Ranges[i].Start, handset.Ranges[i].End, PageState.Keeper);
        OwnerTable.Assign(Memory, Memory + OwnBytes, PageState.Hypervisor);
        AddressSpace.OpenWindow(VmControl.Keeper, control, controlPages);
        VmLifecycle.Initialise(VmControl.Keeper, control, controlPages, cores);
        for (uint i = 0; i < cores; i++)
        {
            ref Vcpu keeper = ref Keeper(i);
            VmLifecycle.Reset(ref keeper, 0x4001_0000, 0);
            keeper.State = VcpuState.Running;
            OnCore(i);
            Cpu.LoadWorld(ref keeper);
        }
        OnCore(0);
    }

    public static void OnCore(uint core) => Cpu.Current = core;

    public static ref Vcpu Keeper(uint core) => ref PhysicalMemory.Vcpu(VmControl.Keeper, core);

    /// <summary>The vCPU that the current core runs. At first it is none of a VM.</summary>
    public static ref Vcpu Running()
    {
        if (Cpu.Here.Loaded is not { } running) return ref s_early[0];
        return ref PhysicalMemory.Vcpu(running.Vm, running.Index);
    }

    /// <summary>The running vCPU traps.</summary>
    public static void Trap(ulong esr, ulong far = 0, ulong intermediate = 0)
    {
        (Cpu.Here.Esr, Cpu.Here.Far, Cpu.Here.Hpfar) = (esr, far, intermediate >> 12 << 4);
        s_synchronous(ref Running(), esr);
    }

    /// <summary>A physical interrupt arrives at the current core.</summary>
    public static void Interrupt(uint intId)
    {
        Cpu.Here.PendingPhysical = intId;
        s_interrupt(ref Running());
    }

    /// <summary>The running vCPU reads a device register, with a plain load of the size into x9.</summary>
    public static ulong Read(ulong address, int log2Size = 2)
    {
        ref Vcpu vcpu = ref Running();
        vcpu.X[9] = 0xBAD0_BAD0_BAD0_BAD0;
        Trap(0x9309_8007 | (ulong)log2Size << 22, address, address);
        return vcpu.X[9];
    }

    /// <summary>The running vCPU writes a device register.</summary>
    public static void Write(ulong address, ulong value, int log2Size = 2)
    {
        Running().X[9] = value;
        Trap(0x9309_8047 | (ulong)log2Size << 22, address, address);
    }

    /// <summary>HVC #0 of the running vCPU; what lies in its x0 afterwards (of the vCPU that called).</summary>
    public static HvcStatus Hvc(ulong function, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0)
    {
        ref Vcpu caller = ref Running();
        (caller.X[0], caller.X[1], caller.X[2], caller.X[3], caller.X[4]) = (function, a, b, c, d);
        Trap(0x5A00_0000);
        return (HvcStatus)(long)caller.X[0];
    }

    public static HvcStatus Hvc(HvcFunction function, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0) => Hvc((ulong)function, a, b, c, d);

    /// <summary>Whatever the running vCPUs do next, they load their registers for it.</summary>
    public static void ForgetArguments()
    {
        for (uint core = 0; core < Cpu.All.Length; core++)
        {
            OnCore(core);
            Running().X = Keeper(core).X = default;
            Running().Trap = Keeper(core).Trap = default;
            Running().Pc = Keeper(core).Pc = 0;
        }
    }

    /// <summary>A VM with its control pages at an address of the keeper's.</summary>
    public static uint CreateVm(ulong control = Free, uint vcpus = 1, ulong pages = 16)
    {
        Assert.Equal(HvcStatus.Success, Hvc(HvcFunction.VmCreate, control, pages, vcpus));
        return (uint)Keeper(Cpu.Current).X[1];
    }

    /// <summary>A VM whose vCPUs are bound to core i and started, and which this core's keeper has entered with vCPU 0.</summary>
    public static uint RunVm(uint vcpus = 1)
    {
        uint vm = CreateVm(vcpus: vcpus);
        for (uint i = 0; i < vcpus; i++)
        {
            Assert.Equal(HvcStatus.Success, Hvc(HvcFunction.VcpuBind, vm, i, i));
            Assert.Equal(HvcStatus.Success, Hvc(HvcFunction.VcpuStart, vm, i, 0x4000_0000, 7));
        }
        Enter(vm, 0);
        return vm;
    }

    /// <summary>The keeper of this core runs a vCPU, which must be able to.</summary>
    public static void Enter(uint vm, uint index)
    {
        Hvc(HvcFunction.VcpuRun, vm, index);
        Assert.Equal((vm, index), Cpu.Here.Loaded);
    }

    /// <summary>Why the guest came back to the keeper of this core, which must be running now.</summary>
    public static ExitReason Exit()
    {
        Assert.Equal((0u, Cpu.Current), Cpu.Here.Loaded);
        Assert.Equal((ulong)HvcStatus.Success, Keeper(Cpu.Current).X[0]);
        return (ExitReason)Keeper(Cpu.Current).X[1];
    }

    private static T Entry<T>(string name) where T : Delegate =>
        typeof(TrapDispatch).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<T>();
}
