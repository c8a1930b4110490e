using System;
using System.Collections.Generic;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Tests;
using Pocketvisor.Hypervisor.Traps;
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
    private const byte Early = 0x80; // in the first byte: before Establish
    private const byte Own = (byte)PageState.Hypervisor << 6; // of the owner table: the hypervisor's, and donated for no VM

    private static readonly ulong[] s_addresses =
    [
        0, FakeHandset.Memory, FakeHandset.Memory + 0xF_F000, FakeHandset.Memory + FakeHandset.OwnBytes, FakeHandset.Free, FakeHandset.Free + 0x1_0000, FakeHandset.Free + 0x20_0000, FakeHandset.Free + 0x40_0000,
        FakeHandset.Memory + FakeHandset.MemoryBytes - 0x1000, FakeHandset.Memory + FakeHandset.MemoryBytes, FakeHandset.SecondBank, FakeHandset.SecondBank + FakeHandset.SecondBankBytes - 0x1000,
        0x0800_0000, 0x0900_0000, 0x40_0000_0000, ulong.MaxValue & ~0xFFFul,
    ];

    private byte[] _owners;

    public IEnumerable<byte[]> Seeds =>
    [
        [0, 0, 0, 1, 9, 0, 0, 2, 1, 0, 4],                                                                                   // Version, PageState, …
        [0, .. Keeper(7, 0x01, 1), .. Keeper(8, 0x01, 0), 5, 0, 1, 6, 1, 0x20, 0],
        [0, .. Keeper(2, 0x44, 0x10, 0x02), .. Keeper(4, 0x01, 0x47, 0x44, 0x04), .. Keeper(5, 0x01, 0x47, 0x04), .. Keeper(3, 0x01)], // create, lend, reclaim, destroy
        [0, .. Keeper(6, 0x01, 0x22, 0x01), .. Keeper(10, 0x01, 0, 0, 0), 2, 0, 1, 3, 2, 4, 0],
        [Early, 0, 0, 0, 0],
        [Early, 2, 3, 0, 0x10, 4, 0, 1],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        if ((choices.Byte() & Early) != 0) Establish(choices);
        else FakeHandset.Start(Cores);
        if (Establishment.IsDone)
        {
            foreach (FakeCore core in Cpu.All) core.Waits = () => { };
            if (FakeHandset.Keeper(0).State == VcpuState.Running && Cpu.Current == 0 && FakeHandset.Hvc(HvcFunction.VmCreate, FakeHandset.Free + 0x10_0000, 24, 2) == HvcStatus.Success) Prepare();
            _owners = PhysicalMemory.Owners();
            for (int i = 0; i < MostSteps && choices.HasMore; i++)
            {
                Step(choices);
                Check();
            }
        }
    }

    // A VM with memory, both vCPUs started, one bound to each core.
    private static void Prepare()
    {
        FakeHandset.Hvc(HvcFunction.VmLend, 1, FakeHandset.Free + 0x40_0000, VirtualHandset.Ram, 0x200);
        for (uint i = 0; i < 2; i++)
        {
            FakeHandset.Hvc(HvcFunction.VcpuBind, 1, i, i);
            FakeHandset.Hvc(HvcFunction.VcpuStart, 1, i, VirtualHandset.Ram, 7);
        }
    }

    private static void Establish(Choices choices)
    {
        const ulong description = FakeHandset.Memory + 0x2_0000;
        FakeHandset.StartEarly(Cores);
        PhysicalMemory.Word(Cpu.KeeperImage() + 16) = 0x8_0000; // the image header's size
        HandsetDescription honest = FakeHandset.Describe(Cores);
        Span<ulong> words = System.Runtime.InteropServices.MemoryMarshal.Cast<HandsetDescription, ulong>(new Span<HandsetDescription>(ref honest));
        for (int lies = choices.Byte() % 8; lies > 0; lies--) words[choices.Byte() % words.Length] = Value(choices);
        for (int i = HandsetDescription.FirstBank; i < (int)Math.Min(honest.RangeCount, HandsetDescription.FirstBank + HandsetDescription.MaxBanks); i++)
            if (honest.Ranges[i].Start < FakeHandset.Memory || honest.Ranges[i].End > FakeHandset.SecondBank + FakeHandset.SecondBankBytes) return; // the fake machine has owners for no more
        for (int i = 0; i < words.Length; i++) PhysicalMemory.Word(description + 8 * (ulong)i) = words[i];
        ulong address = choices.Byte() == 255 ? Value(choices) : description;
        HvcStatus status = FakeHandset.Hvc(choices.Byte() == 255 ? choices.U32() : (uint)HvcFunction.Establish, address, choices.Byte());
        Demand(Establishment.IsDone || IsStatus(status), "A refusal that is no status.");
        if (!Establishment.IsDone) return;
        Demand(OwnerTable.StateOf(Cpu.KeeperImage() - 0x1000, out _) == PageState.Hypervisor, "The hypervisor does not own its image.");
        for (int i = 0; i < HandsetDescription.FirstBank; i++) Demand(OwnerTable.StateOf(Handset.Description.Ranges[i].Start, out _) == PageState.None, "A device is memory, too.");
    }

    private static void Step(Choices choices)
    {
        switch (choices.Byte() % 8)
        {
            case 0: Call(choices, (uint)HvcFunction.Version + choices.Byte() % 14u); break;
            case 1: Call(choices, choices.U32()); break;
            case 2: Call(choices, choices.Of<uint>([0x8400_0000, 0xC400_0000, 0x8400_0001, 0xC400_0001, 0x8400_0002, 0xC400_0003, 0xC400_0004, 0x8400_0006, 0x8400_0008, 0x8400_0009, 0x8400_000A, 0xC400_0012, 0x8000_0000, 0x8000_0001, 0x8600_FF01])); break;
            case 3: FakeHandset.OnCore(choices.Byte() % (uint)Cpu.All.Length); break;
            case 4 when Loaded: FakeHandset.Interrupt(choices.Byte() % 100u); break;
            case 5 when Loaded: FakeHandset.Hvc(HvcFunction.VcpuRun, choices.Byte() % 3u, choices.Byte() % 3u, choices.Byte(), choices.Byte() % 2u); break;
            case 6 when Loaded: Access(choices); break;
            case 7: Cpu.Counter += choices.U16(); break;
        }
    }

    private static bool Loaded => Cpu.Here.Loaded is not null;

    // By HVC, or by a trapped SMC.
    private static void Call(Choices choices, uint function)
    {
        if (!Loaded) return;
        (uint Vm, uint Index) caller = Cpu.Here.Loaded.Value;
        ref Vcpu vcpu = ref FakeHandset.Running();
        vcpu.X[0] = function;
        for (int i = 1; i <= 4; i++) vcpu.X[i] = Value(choices);
        FakeHandset.Trap(choices.Byte() % 8 == 7 ? 0x5E00_0000u : 0x5A00_0000u);
        bool isKeepers = caller.Vm == VmControl.Keeper && function >= (uint)HvcFunction.Version;
        if (isKeepers && Cpu.Here.Loaded == caller) Demand(IsStatus((HvcStatus)(long)FakeHandset.Running().X[0]), "An answer that is no status.");
    }

    // A guest reads or writes a register of its GIC, or where nothing is mapped.
    private static void Access(Choices choices)
    {
        if (Cpu.Here.Loaded.Value.Vm == VmControl.Keeper) return; // where it has nothing it breaks an invariant of its own, and that is a panic
        int size = choices.Byte() % 4;
        ulong offset = (ulong)choices.U16() & ~((1ul << size) - 1);
        ulong address = (choices.Byte() % 3) switch { 0 => VirtualHandset.GicDistributor + offset, 1 => VirtualHandset.GicRedistributor + offset % 0x4_0000, _ => VirtualHandset.VirtioMmio + offset % 0x4000 };
        if (choices.Byte() % 2 == 0) FakeHandset.Read(address, size);
        else FakeHandset.Write(address, Value(choices), size);
    }

    private void Check()
    {
        Demand(!SpinLock.IsTaken, "The lock is still held.");
        byte[] owners = PhysicalMemory.Owners();
        if (!owners.AsSpan().SequenceEqual(_owners))
        {
            for (int i = 0; i < owners.Length; i++)
                if (owners[i] != _owners[i]) CheckPage(FakeHandset.Memory + (ulong)i * FakeHandset.Page, _owners[i], (PageState)(owners[i] >> 6));
            _owners = owners;
        }

        HashSet<(uint, uint)> loaded = [];
        foreach (FakeCore core in Cpu.All)
            if (core.Loaded is { } vcpu) Demand(loaded.Add(vcpu), "A vCPU is on two cores.");
    }

    private static void CheckPage(ulong page, byte before, PageState after)
    {
        Demand(before != Own, "The hypervisor gives its own memory away.");
        Demand((PageState)(before >> 6) != PageState.None && after != PageState.None, "Memory comes from nowhere.");
        if (after == PageState.Lent) PhysicalMemory.Scribble(page); // the guest uses it
        else if (after == PageState.Keeper) Demand(PhysicalMemory.IsZero(page), "A page comes back that is not zero.");
    }

    private static bool IsStatus(HvcStatus status) => status is <= HvcStatus.Success and >= HvcStatus.AlreadyMapped;

    /// <summary>0 to 63 as they are; addresses that matter, and near them; anything.</summary>
    private static ulong Value(Choices choices) => choices.Byte() switch
    {
        < 0x40 and var small => small,
        < 0x50 and var index => s_addresses[index - 0x40],
        < 0x60 and var index => s_addresses[index - 0x50] + (ulong)(sbyte)choices.Byte() * FakeHandset.Page,
        < 0x70 and var index => s_addresses[index - 0x60] + choices.Byte(),
        < 0x80 => VirtualHandset.Ram + choices.Byte() * FakeHandset.Page,
        < 0xA0 => 1ul << choices.Byte(),
        < 0xC0 => choices.U16(),
        < 0xE0 => choices.U32(),
        _ => choices.U64(),
    };

    // A call of the keeper's with values of one byte each.
    private static byte[] Keeper(byte function, params byte[] values) => [0, function, .. values, .. new byte[4 - values.Length], 0];
}
