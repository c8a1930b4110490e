using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Tests;
using Pocketvisor.Hypervisor.Vcpus;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Hypercalls;

/// <summary>
/// Calls with any registers, by the keeper and by guests, on any core, and what else lets a guest leave. The hypervisor does not panic, on its fake machine it touches nothing
/// that it must not, answers a keeper's call with a status, keeps its own memory, and gives no page back that is not zero.
/// </summary>
public sealed class HypercallTarget : IFuzzTarget
{
    private const int Cores = 2, MostSteps = 60;
    private const byte Early = 0x80, Entered = 0x40; // in the first byte: before Establish; both guests run
    private const byte Own = (byte)PageState.Hypervisor << 6; // of the owner table: the hypervisor's, and donated for no VM

    private readonly Witness[] _witnesses = [new(), new()]; // a core's own, for one can wait while another goes on
    private readonly HashSet<uint> _waiting = [];

    private byte[] _owners;
    private int _steps;
    private uint? _arrived; // the interrupt, if this step is one

    public IEnumerable<byte[]> Seeds =>
    [
        [0, 0, 0, 1, 9, 0, 0, 2, 1, 0, 4],                                                                                   // Version, PageState, …
        [0, .. Keeper(7, 0x01, 1), .. Keeper(8, 0x01, 0), 5, 0, 1, 6, 1, 0x20, 0],
        [0, .. Keeper(2, 0x44, 0x10, 0x02), .. Keeper(4, 0x01, 0x47, 0x44, 0x04), .. Keeper(5, 0x01, 0x47, 0x04), .. Keeper(3, 0x01)], // create, lend, reclaim, destroy
        [0, .. Keeper(6, 0x01, 0x22, 0x01), .. Keeper(10, 0x01, 0, 0, 0), 2, 0, 1, 3, 2, 4, 0],
        [Early, 0, 0, 0, 0],
        [Early, 2, 3, 0, 0x10, 4, 0, 1],
        [Entered, .. Trap(0x18, 0, 0x45, 3, 0, 3, 0), 11, 0, 11, 6, 3, 1, 4, 0, 11, 0, 11, 6],                               // an SGI to both; each takes and ends it
        [Entered, .. Trap(0x18, 0, 0x45, 2, 0, 1, 7, 1, 0, 0), .. Trap(0x18, 1, 9), .. Trap(0x18, 2, 0x29), 7, 1, 0, .. Trap(0x18, 2, 0x34), .. Trap(0x18, 15, 0x29), 13, 2, 9, 1, 13, 2, 32, 4, 14, 0, 0], // registers; the keeper completes one
        [Entered, 8, 0x24, 0x07, 0x80, 0xE9, 1, 0, 5, 0, 0, 14, 0xE0, 0x80, 1, 2, 3, 4, 5, 6, 7, 0, 8, 0x24, 0x47, 0x80, 0x89, 1, 0, 5, 0x10, 2, 14, 0, 1], // a device
        [Entered, 8, 0x24, 0x47, 0x80, 0x89, 1, 0, 0, 0, 2, 8, 0x24, 0x07, 0, 0xC9, 1, 0, 2, 8, 0, 0, 0, 4, 40, 4, 27, 11, 0, 11, 6], // the GIC; interrupts
        [Entered, 8, 0x24, 0x4F, 0x80, 0x89, 1, 0, 5, 0, 0, 14, 0, 0, 8, 0x20, 0x0F, 0, 0, 0, 4, 5, 0, 0, 8, 0x24, 0xCF, 0, 0, 0, 3, 5, 0, 0, 0, 0], // permissions
        [Entered, 8, 0x24, 0x07, 0, 0, 0, 0, 5, 0, 0, 14, 0, 0, 8, 0x24, 0x46, 0x80, 0xDF, 1, 0, 5, 0, 0, 14, 0, 0, 8, 0x24, 0x07, 0x81, 0xC9, 1, 0, 5, 0, 0, 14, 0, 0, 8, 0x24, 0x07, 0, 0, 0, 0, 0, 0, 0], // not decoded; cache maintenance
        [Entered, 8, 0x24, 0x47, 0x80, 0x89, 1, 0, 2, 0, 1, 5, 0, 8, 0x24, 0x07, 0x80, 0x89, 1, 0, 2, 8, 0, 2, 0, 4, 99, .. Trap(0x18, 0, 0x45, 0xFF, 0xFF, 2, 0), .. Trap(0x18, 0, 0x5F), 4, 25], // where no vCPU is
        [Entered, .. Trap(0x2F, 0, 0, 0, 0), 14, 0, 0, .. Trap(0x07, 0, 0, 0, 0), 14, 0, 0, .. Trap(0x0E, 0, 0, 0, 0), 14, 0, 0, .. Trap(0x3C, 0, 0, 0, 0), 14, 0, 0, .. Trap(0x53, 0, 0, 0, 0)],
        [Entered, 10, 0, 0xC0, 1, 0, 0, 0x84, .. Trap(0x16, 0, 0, 0, 0), 14, 0, 0, .. Trap(0x17, 1, 0, 0, 0), 10, 0x80, 5, 10, 0xC0, 4, 0, 0, 0, 13, 2, 33, 9, 14, 0, 0],
        [Entered, .. Trap(0x2F, 0, 0, 0, 0), 13, 2, 33, 9, 14, 0, 0, 8, 0x24, 0x07, 0, 0x29, 1, 0, 5, 0, 0, 14, 0x3F, 0, 8, 0x24, 0x07, 0, 0x29, 1, 0, 5, 0, 0, 14, 0xB0, 0xFE, 0xFE, 0], // EL2 as PSTATE; a byte with its sign, to 32 bits
        [Entered, 10, 9, 0x90, 20, 8, 0x24, 0x47, 0x80, 0x89, 1, 0, 2, 0, 2, 1, 0, 11, 0, 11, 6, 8, 0x24, 0x07, 0x80, 0xC9, 1, 0, 2, 0x1E, 4, 1, 0, 8, 0x24, 0x07, 0x80, 0x89, 1, 0, 0, 0x5E, 4, 8, 0x24, 0x8F, 0, 0, 0, 4, 5, 0, 0], // a private interrupt; across a bank; a table walk
        [Entered, 3, 1, 11, 4, 1, .. Trap(0x01, 0, 0, 0, 0), 9, 2, 4, 15, 15, 5, 1, 11, 2, 15, 5, 0],                         // a core waits, and the other goes on
        [0, 12, 0, 0, 1, 0, 0, 12, 2, 0, 1, 0, 0, 5, 12, 4, 0x21, 3, 0, 2, 0, 12, 5, 0, 0, 0, 0, 12, 6, 3, 0, 0, 0, 0, 12, 7, 0, 0, 0, 0, 0, 0, 0, 0, 13, 0, 32, 0, 13, 2, 45, 0],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        byte first = choices.Byte();
        if ((first & Early) != 0) Establish(choices);
        else FakeHandset.Start(Cores);
        if (!Establishment.IsDone) return;
        _waiting.Clear();
        foreach (FakeCore core in Cpu.All) core.Waits = () => Wait(choices);
        if (FakeHandset.Keeper(0).State == VcpuState.Running && Cpu.Current == 0 && FakeHandset.Hvc(HvcFunction.VmCreate, FakeHandset.Free + 0x10_0000, 24, 2) == HvcStatus.Success) Prepare((first & Entered) != 0);
        _owners = PhysicalMemory.Owners();
        _steps = 0;
        while (_steps < MostSteps && choices.HasMore) Advance(choices);
    }

    // A VM with memory, both vCPUs started, one bound to each core. If they shall run, then with all interrupts on.
    private static void Prepare(bool enter)
    {
        FakeHandset.Hvc(HvcFunction.VmLend, 1, FakeHandset.Free + 0x40_0000, VirtualHandset.Ram, 0x200);
        for (uint i = 0; i < 2; i++)
        {
            FakeHandset.Hvc(HvcFunction.VcpuBind, 1, i, i);
            FakeHandset.Hvc(HvcFunction.VcpuStart, 1, i, VirtualHandset.Ram, 7);
        }
        for (uint i = 0; enter && i < Cpu.All.Length; i++)
        {
            FakeHandset.OnCore(i);
            if (!Loaded) continue;
            FakeHandset.Hvc(HvcFunction.VcpuRun, 1, i, 0, i);
            if (!IsGuest) continue;
            Cpu.Here.IchVmcr = GuestTraps.VmcrOpen;
            FakeHandset.Write(VirtualHandset.GicDistributor, 3);
            for (uint bank = 0; bank < 3; bank++)
            {
                ulong place = (bank == 0 ? VirtualHandset.GicRedistributor + i * VirtualHandset.GicRedistributorSize + 0x1_0000 : VirtualHandset.GicDistributor) + 4 * bank;
                FakeHandset.Write(place + 0x80, uint.MaxValue);
                FakeHandset.Write(place + 0x100, uint.MaxValue);
            }
        }
        FakeHandset.OnCore(0);
    }

    private static void Establish(Choices choices)
    {
        const ulong description = FakeHandset.Memory + 0x2_0000;
        FakeHandset.StartEarly(Cores);
        PhysicalMemory.Word(Cpu.KeeperImage() + 16) = 0x8_0000; // the image header's size
        HandsetDescription honest = FakeHandset.Describe(Cores);
        Span<ulong> words = MemoryMarshal.Cast<HandsetDescription, ulong>(new Span<HandsetDescription>(ref honest));
        for (int lies = choices.Byte() % 8; lies > 0; lies--) words[choices.Byte() % words.Length] = choices.Value();
        for (int i = HandsetDescription.FirstBank; i < (int)Math.Min(honest.RangeCount, HandsetDescription.FirstBank + HandsetDescription.MaxBanks); i++)
            if (honest.Ranges[i].Start < FakeHandset.Memory || honest.Ranges[i].End > FakeHandset.SecondBank + FakeHandset.SecondBankBytes) return; // the fake machine has owners for no more
        for (int i = 0; i < words.Length; i++) PhysicalMemory.Word(description + 8 * (ulong)i) = words[i];
        ulong address = choices.Byte() == 255 ? choices.Value() : description;
        HvcStatus status = FakeHandset.Hvc(choices.Byte() == 255 ? choices.U32() : (uint)HvcFunction.Establish, address, choices.Byte());
        Demand(Establishment.IsDone || IsStatus(status), "A refusal that is no status.");
        if (!Establishment.IsDone) return;
        Demand(OwnerTable.StateOf(Cpu.KeeperImage() - 0x1000, out _) == PageState.Hypervisor, "The hypervisor does not own its image.");
        for (int i = 0; i < HandsetDescription.FirstBank; i++) Demand(OwnerTable.StateOf(Handset.Description.Ranges[i].Start, out _) == PageState.None, "A device is memory, too.");
    }

    private void Advance(Choices choices)
    {
        Witness witness = _witnesses[(int)Cpu.Current];
        witness.Look();
        _arrived = null;
        _steps++;
        Step(choices);
        witness.Compare(_arrived);
        Check(witness);
    }

    private void Step(Choices choices)
    {
        switch (choices.Byte() % 16)
        {
            case 0: Call(choices, (uint)HvcFunction.Version + choices.Byte() % 16u); break;
            case 1: Call(choices, choices.U32()); break;
            case 2: Call(choices, choices.Of<uint>([0x8400_0000, 0xC400_0000, 0x8400_0001, 0xC400_0001, 0x8400_0002, 0xC400_0003, 0xC400_0004, 0x8400_0006, 0x8400_0008, 0x8400_0009, 0x8400_000A, 0xC400_0012, 0x8000_0000, 0x8000_0001, 0x8600_FF01])); break;
            case 3 when choices.Byte() % (uint)Cpu.All.Length is var core && !_waiting.Contains(core): FakeHandset.OnCore(core); break;
            case 4 when Loaded: Arrive(choices.Byte() % 100u); break;
            case 5 when Loaded: GuestTraps.Run(choices.Byte() % 3u, choices.Byte() % 3u, choices.Byte(), choices.Byte() % 2u); break;
            case 6 when IsGuest: Access(choices); break;
            case 7: Cpu.Counter += choices.U16(); break;
            case 8 or 9 when IsGuest: GuestTraps.Trap(choices); break;
            case 10 when Loaded: GuestTraps.Compute(choices); break;
            case 11 when Loaded: if (GuestTraps.Interrupts(choices)) Arrive(PhysicalGic.Maintenance); break;
            case 12 when IsKeeper: GuestTraps.KeeperTrap(choices); break;
            case 13 when IsKeeper: SetOrGet(choices); break;
            case 14 when IsKeeper: GuestTraps.Run(1, Cpu.Current, choices.Value(), choices.Byte() % 2u); break; // the one that is bound to this core
            case 15 when IsKeeper: FakeHandset.Hvc(HvcFunction.VmSetInterrupt, 1, VirtualHandset.FirstSpi + choices.Byte() % (uint)VirtualHandset.SpiCount, choices.Byte() % 2u); break;
        }
    }

    private static bool Loaded => Cpu.Here.Loaded is not null;

    private static bool IsKeeper => Cpu.Here.Loaded is { Vm: VmControl.Keeper };

    private static bool IsGuest => Cpu.Here.Loaded is { Vm: not VmControl.Keeper };

    private void Arrive(uint intId)
    {
        if (intId == PhysicalGic.WatchdogTimer && FakeHandset.Keeper(FakeHandset.Running().Core).Patience == 1) return; // the keeper breaks its word: that restarts the handset
        _arrived = intId;
        FakeHandset.Interrupt(intId);
    }

    // A core waits at EL2, the lock free: meanwhile the others do something, or nothing.
    private void Wait(Choices choices)
    {
        uint core = Cpu.Current;
        _waiting.Add(core);
        Cpu.Counter += choices.Byte();
        for (int steps = choices.Byte() % 4; steps > 0 && _waiting.Count < Cpu.All.Length; steps--)
        {
            _witnesses[(int)core].LookAway();
            FakeHandset.OnCore(1 - core);
            Advance(choices);
        }
        _arrived = null;
        _waiting.Remove(core);
        FakeHandset.OnCore(core);
    }

    // By HVC, or by a trapped SMC.
    private static void Call(Choices choices, uint function)
    {
        if (!Loaded) return;
        (uint Vm, uint Index) caller = Cpu.Here.Loaded.Value;
        ref Vcpu vcpu = ref FakeHandset.Running();
        vcpu.X[0] = function;
        for (int i = 1; i <= 4; i++) vcpu.X[i] = choices.Value();
        FakeHandset.Trap(choices.Byte() % 8 == 7 ? 0x5E00_0000u : 0x5A00_0000u);
        bool isKeepers = caller.Vm == VmControl.Keeper && function >= (uint)HvcFunction.Version;
        if (isKeepers && Cpu.Here.Loaded == caller) Demand(IsStatus((HvcStatus)(long)FakeHandset.Running().X[0]), "An answer that is no status.");
    }

    // A guest reads or writes a register of its GIC, or where nothing is mapped.
    private static void Access(Choices choices)
    {
        int size = choices.Byte() % 4;
        ulong offset = (ulong)choices.U16() & ~((1ul << size) - 1);
        ulong address = (choices.Byte() % 3) switch { 0 => VirtualHandset.GicDistributor + offset, 1 => VirtualHandset.GicRedistributor + offset % 0x4_0000, _ => VirtualHandset.VirtioMmio + offset % 0x4000 };
        if (choices.Byte() % 2 == 0) FakeHandset.Read(address, size);
        else FakeHandset.Write(address, choices.Value(), size);
    }

    // The keeper reads or writes a register of a vCPU: that one, and only if there is one of the number.
    private static void SetOrGet(Choices choices)
    {
        uint index = choices.Byte(), register = choices.Byte();
        bool sets = (index & 2) != 0, isThere = Vms.State[1] == VmState.Alive && (index & 1) < PhysicalMemory.Vm(1).VcpuCount && PhysicalMemory.Vcpu(1, index & 1).State != VcpuState.Running;
        Vcpu before = isThere ? PhysicalMemory.Vcpu(1, index & 1) : default;
        HvcStatus status = FakeHandset.Hvc(sets ? HvcFunction.VcpuSet : HvcFunction.VcpuGet, 1, index & 1, register, choices.Value());
        Demand(status == HvcStatus.Success == (isThere && register < (uint)(sets ? VcpuRegister.Ttbr1El1 + 1 : VcpuRegister.Count)), "A register is read or written that isn't there, or one isn't that is.");
        if (status != HvcStatus.Success) return;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<Vcpu, ulong>(new ReadOnlySpan<Vcpu>(in PhysicalMemory.Vcpu(1, index & 1))), wordsBefore = MemoryMarshal.Cast<Vcpu, ulong>(new ReadOnlySpan<Vcpu>(in before));
        if (!sets) Demand(FakeHandset.Running().X[1] == words[(int)register], "The keeper reads another register.");
        for (int i = 0; i < words.Length; i++) Demand(words[i] == wordsBefore[i] || (sets && i == register), "The keeper writes another register.");
    }

    private void Check(Witness witness)
    {
        Demand(!SpinLock.IsTaken, "The lock is still held.");
        ReadOnlySpan<byte> owners = PhysicalMemory.OwnerBytes;
        if (!owners.SequenceEqual(_owners))
        {
            Demand(!witness.IsOfGuest, "A guest's trap changes whose a page is.");
            for (int i = 0; i < owners.Length; i++)
                if (owners[i] != _owners[i]) CheckPage(FakeHandset.Memory + (ulong)i * FakeHandset.Page, _owners[i], (PageState)(owners[i] >> 6));
            _owners = owners.ToArray();
        }
        Standing.Check();
    }

    private static void CheckPage(ulong page, byte before, PageState after)
    {
        Demand(before != Own, "The hypervisor gives its own memory away.");
        Demand((PageState)(before >> 6) != PageState.None && after != PageState.None, "Memory comes from nowhere.");
        if (after == PageState.Lent) PhysicalMemory.Scribble(page); // the guest uses it
        else if (after == PageState.Keeper) Demand(PhysicalMemory.IsZero(page), "A page comes back that is not zero.");
    }

    private static bool IsStatus(HvcStatus status) => status is <= HvcStatus.Success and >= HvcStatus.AlreadyMapped;

    // A call of the keeper's with values of one byte each.
    private static byte[] Keeper(byte function, params byte[] values) => [0, function, .. values, .. new byte[4 - values.Length], 0];

    // A trap of a guest's from nowhere in particular.
    private static byte[] Trap(params byte[] syndrome) => [8, .. syndrome, 0, 6, 0];
}
