using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Tests.Memory;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Boot;

/// <summary>The keeper's first call, an honest keeper's and a mistaken one's.</summary>
public sealed class EstablishmentTests
{
    // The keeper's image with its bss, and what EL2 puts behind it: an owner table of 0x8100 bytes, 4 stacks, 16 pages, 38 control pages.
    private const ulong Image = 0x4000_0000, Keeper = 0x4001_0000, Description = Keeper + 0x2_0000, Context = 0x4800_0000;
    private const ulong Owners = Keeper + 0x5_0000, Stacks = Owners + 0x9000, Tables = Stacks + 0x8000, Control = Tables + 0x1_0000, End = Control + 0x2_6000;
    private const ulong Kb4 = 0x1000;

    private const ulong ReadOnlyCode = 0x7C4, Data = 0x0040_0000_0000_0744, Device = 0x0040_0000_0000_0440;

    public EstablishmentTests()
    {
        FakeHandset.StartEarly();
        PhysicalMemory.Word(Keeper + 16) = 0x5_0000 - 7;
    }

    [Fact]
    public void TheKeeperBeginsAnewAsAVirtualMachine()
    {
        Assert.Equal(HvcStatus.Success, Establish(FakeHandset.Describe()));
        Assert.Equal((0u, 0u), Cpu.Here.Loaded);
        Assert.Equal(Tables, Cpu.Tables);
        ref Vcpu vcpu = ref FakeHandset.Keeper(0);
        Assert.Equal((Keeper, Context, End), (vcpu.Pc, vcpu.X[0], vcpu.X[1]));
        Assert.Equal((VcpuState.Running, 1ul), (vcpu.State, Cpu.Here.Hcr & 1));
        Assert.Equal(4u, PhysicalMemory.Vm(0).VcpuCount);
        Assert.All(Enumerable.Range(1, 3), i => Assert.Equal(VcpuState.Off, FakeHandset.Keeper((uint)i).State));
        Assert.Equal([0x080A_0000ul], PhysicalGic.Awake);
        Assert.Equal(vcpu.VttbrEl2, Assert.Single(Cpu.Forgotten)); // what was translated while there was no stage 2
        Assert.Empty(Leaves(PhysicalMemory.Vm(0).Stage2.Root, PhysicalMemory.Vm(0).Stage2.Delta));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.Version));
        Assert.Equal((AbiVersion.Current, 0x1_0000 + End - Owners), ((uint)vcpu.X[1], vcpu.X[2]));
    }

    [Fact]
    public void EveryPageHasItsOwner()
    {
        Establish(FakeHandset.Describe());
        byte[] owners = PhysicalMemory.Owners();
        for (ulong i = 0; i < (ulong)owners.Length; i++)
        {
            ulong page = FakeHandset.Memory + i * Kb4;
            bool isOurs = page is >= Image and < Keeper or >= Owners and < End;
            bool isMemory = page < FakeHandset.Memory + FakeHandset.MemoryBytes || page >= FakeHandset.SecondBank;
            Assert.Equal((byte)(isOurs ? PageState.Hypervisor : isMemory ? PageState.Keeper : PageState.None) << 6, owners[i]);
        }
    }

    /// <summary>Nothing is writable and executable, and of memory only EL2's own is there.</summary>
    [Fact]
    public void El2SeesItsOwn()
    {
        Establish(FakeHandset.Describe());
        var leaves = Leaves(Tables, 0).Where(l => l.Input < PhysicalMemory.Windows).ToList();
        Assert.All(leaves, l => Assert.Equal((l.Input, Kb4), (l.Output, l.Size)));
        var expected = new List<(ulong, ulong)>();
        void Expect(ulong start, ulong end, ulong attributes)
        {
            for (; start < end; start += Kb4) expected.Add((start, attributes));
        }
        Expect(0x0800_0000, 0x0801_0000, Device);
        Expect(0x080A_0000, 0x0812_0000, Device);
        Expect(0x0900_0000, 0x0900_1000, Device);
        Expect(Image, Cpu.CodeEnd(), ReadOnlyCode);
        Expect(Cpu.CodeEnd() + Kb4, Cpu.BssEnd(), Data); // behind a hole
        Expect(Owners, Stacks, Data);
        for (ulong stack = Stacks; stack < Tables; stack += 2 * Kb4) Expect(stack + Kb4, stack + 2 * Kb4, Data);
        Expect(Tables, Control, Data);
        Assert.Equal(expected, leaves.Select(l => (l.Input, l.Attributes)));
    }

    [Fact]
    public void TheBootCoreNeedNotBeTheFirst()
    {
        Cpu.Here.Mpidr = 0x1_0000_0301;
        HandsetDescription handset = FakeHandset.Describe();
        handset.Cores[2].Mpidr = 0x1_0000_0301;
        Assert.Equal(HvcStatus.Success, Establish(handset));
        Assert.Equal((0u, 2u), Cpu.Here.Loaded);
        Assert.Equal([0x080E_0000ul], PhysicalGic.Awake);
        Assert.Equal(0x1_0000_0301ul, Cores.At(2).Mpidr);
    }

    [Fact]
    public void OneCoreAndOneBankAreEnough()
    {
        HandsetDescription handset = FakeHandset.Describe(1);
        handset.RangeCount--;
        Assert.Equal(HvcStatus.Success, Establish(handset));
        Assert.Equal(PageState.None, OwnerTable.StateOf(FakeHandset.SecondBank, out _));
    }

    [Fact]
    public void AHandsetMayBeFull()
    {
        HandsetDescription handset = FakeHandset.Describe(8);
        handset.RangeCount = HandsetDescription.FirstBank + HandsetDescription.MaxBanks;
        for (int i = 2; i < HandsetDescription.MaxBanks; i++) handset.Ranges[HandsetDescription.FirstBank + i] = Range(0x4800_0000 - (ulong)i * 0x2000, Kb4);
        Assert.Equal(HvcStatus.Success, Establish(handset));
        Assert.Equal(PageState.Keeper, OwnerTable.StateOf(0x4800_0000 - 7 * 0x2000, out _));
        Assert.Equal(PageState.None, OwnerTable.StateOf(0x4800_0000 - 7 * 0x2000 + Kb4, out _));
    }

    private delegate void Change(ref HandsetDescription handset);

    private static readonly Dictionary<string, Change> s_wrong = new()
    {
        ["no banks"] = (ref h) => h.RangeCount = HandsetDescription.FirstBank,
        ["no ranges"] = (ref h) => h.RangeCount = 0,
        ["more banks than eight"] = (ref h) => h.RangeCount = HandsetDescription.FirstBank + HandsetDescription.MaxBanks + 1,
        ["banks without end"] = (ref h) => h.RangeCount = ulong.MaxValue,
        ["banks beyond 32 bits"] = (ref h) => h.RangeCount |= 1ul << 32,
        ["no cores"] = (ref h) => h.CoreCount = 0,
        ["more cores than eight"] = (ref h) => h.CoreCount = 9,
        ["cores beyond 32 bits"] = (ref h) => h.CoreCount |= 1ul << 32,
        ["not the boot core"] = (ref h) => h.Cores[0].Mpidr = 4,
        ["a boot core with more than affinity"] = (ref h) => h.Cores[0].Mpidr = 1ul << 31,
        ["a redistributor below them"] = (ref h) => h.Cores[1].Redistributor = 0x0808_0000,
        ["a redistributor behind them"] = (ref h) => h.Cores[1].Redistributor = 0x0812_0000,
        ["a redistributor that is half behind them"] = (ref h) => h.Ranges[HandsetDescription.Gicr].End -= 0x1_0000,
        ["a redistributor's second frame"] = (ref h) => h.Cores[1].Redistributor += 0x1_0000,
        ["a redistributor askew"] = (ref h) => h.Cores[3].Redistributor += 8,
        ["a hypervisor outside memory"] = (ref h) => h.Ranges[HandsetDescription.FirstBank].Start = Image + Kb4,
        ["4 MB of the hypervisor's that end outside memory"] = (ref h) => h.Ranges[HandsetDescription.FirstBank].End = Image + (4 << 20) - Kb4,
        ["4 MB of the hypervisor's in two banks"] = (ref h) =>
        {
            h.Ranges[HandsetDescription.FirstBank + 2] = Range(Image + (2 << 20), 2 << 20);
            h.Ranges[HandsetDescription.FirstBank].End = Image + (2 << 20);
            h.RangeCount++;
        },
    };

    private static readonly Dictionary<string, Change> s_wrongRange = new()
    {
        ["starts within a page"] = (ref h) => h.Ranges[0].Start++,
        ["ends within a page"] = (ref h) => h.Ranges[0].End -= 8,
        ["is empty"] = (ref h) => h.Ranges[0].End = h.Ranges[0].Start,
        ["ends before it starts"] = (ref h) => h.Ranges[0].End = h.Ranges[0].Start - Kb4,
        ["wraps around"] = (ref h) => h.Ranges[0].End = 0,
        ["ends above 256 GB"] = (ref h) => h.Ranges[0].End = PhysicalMemory.Windows + Kb4,
        ["lies above 256 GB"] = (ref h) => h.Ranges[0] = Range(PhysicalMemory.Windows + (1ul << 30), 1 << 20),
        ["ends at the end"] = (ref h) => h.Ranges[0].End = ulong.MaxValue - 0xFFF,
    };

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    public static TheoryData<int, string> WrongRanges
    {
        get
        {
            var all = new TheoryData<int, string>();
            for (int range = 0; range < HandsetDescription.FirstBank + 2; range++)
                foreach (string what in s_wrongRange.Keys) all.Add(range, what);
            return all;
        }
    }

    public static TheoryData<int, int> Pairs
    {
        get
        {
            var all = new TheoryData<int, int>();
            for (int a = 0; a < HandsetDescription.FirstBank + 2; a++)
                for (int b = 0; b < HandsetDescription.FirstBank + 2; b++)
                    if (a != b) all.Add(a, b);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void WhatIsWrongIsRefused(string what)
    {
        HandsetDescription handset = FakeHandset.Describe();
        s_wrong[what](ref handset);
        Refused(HvcStatus.InvalidParameters, handset);
    }

    [Theory]
    [MemberData(nameof(WrongRanges))]
    public void ARangeThatIsWrongIsRefused(int range, string what)
    {
        HandsetDescription handset = FakeHandset.Describe();
        HandsetDescription one = default;
        one.Ranges[0] = handset.Ranges[range];
        s_wrongRange[what](ref one);
        handset.Ranges[range] = one.Ranges[0];
        Refused(HvcStatus.InvalidParameters, handset);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void RangesThatOverlapAreRefused(int a, int b)
    {
        HandsetDescription handset = FakeHandset.Describe();
        handset.Ranges[a] = Range(handset.Ranges[b].End - Kb4, 2 * Kb4); // its last page and the next
        Refused(HvcStatus.InvalidParameters, handset);
        handset.Ranges[a] = Range(handset.Ranges[b].Start - Kb4, 2 * Kb4);
        Refused(HvcStatus.InvalidParameters, handset);
        handset.Ranges[a] = handset.Ranges[b];
        Refused(HvcStatus.InvalidParameters, handset);
    }

    [Theory]
    [InlineData(Description + 4)]
    [InlineData(Description + 1)]
    [InlineData(0ul)]
    [InlineData(Image - 8)]
    [InlineData(Image + (4 << 20))]
    [InlineData(0x0900_0000ul)]
    [InlineData(0xFFFF_FFFF_FFFF_FFF8ul)]
    public void ADescriptionLiesWhereItMay(ulong address)
    {
        Write(Description, FakeHandset.Describe());
        Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(HvcFunction.Establish, address, Context));
        NothingIsEstablished();
    }

    [Fact]
    public void AnOwnerTableThatDoesNotFitIsRefused()
    {
        HandsetDescription handset = FakeHandset.Describe();
        handset.Ranges[HandsetDescription.FirstBank + 1] = Range(FakeHandset.Memory + (15ul << 30), Kb4);
        Refused(HvcStatus.NoMemory, handset);
        handset.Ranges[HandsetDescription.FirstBank + 1] = Range(PhysicalMemory.Windows - Kb4, Kb4);
        Refused(HvcStatus.NoMemory, handset);
    }

    [Fact]
    public void FewerListRegistersThanWeUseAreRefused()
    {
        Cpu.ListRegisters = 3;
        Refused(HvcStatus.Denied, FakeHandset.Describe());
        Cpu.ListRegisters = 4;
        Assert.Equal(HvcStatus.Success, Establish(FakeHandset.Describe()));
    }

    [Fact]
    public void AfterARefusalItMayTryAgain()
    {
        HandsetDescription handset = FakeHandset.Describe();
        handset.Ranges[0].Start++;
        Refused(HvcStatus.InvalidParameters, handset);
        Assert.Equal(HvcStatus.Success, Establish(FakeHandset.Describe()));
    }

    [Fact]
    public void BeforeItNothingElseIsThere()
    {
        foreach (HvcFunction function in Enum.GetValues<HvcFunction>().Where(f => f != HvcFunction.Establish))
            for (ulong a = 0; a < 3; a++) Assert.Equal(HvcStatus.NotSupported, FakeHandset.Hvc(function, a, a, a, a));
        foreach (uint first in (uint[])[0x8400_0000, 0xC400_0000, 0x8000_0000, 0x8600_FF00])
            for (uint i = 0; i < 32; i++) Assert.Equal(HvcStatus.NotSupported, FakeHandset.Hvc(first + i, 1, Keeper));
        Assert.Empty(Cpu.FirmwareCalls);
        NothingIsEstablished();
    }

    [Fact]
    public void FirmwareIsNotReachedPastItEither()
    {
        ref Vcpu caller = ref FakeHandset.Running();
        (caller.X[0], caller.X[1], caller.Pc) = (0xC400_0003, 1, Keeper); // CPU_ON
        FakeHandset.Trap(0x5E00_0000); // SMC
        Assert.Equal((ulong.MaxValue, Keeper + 4), (caller.X[0], caller.Pc));
        Assert.Empty(Cpu.FirmwareCalls);
    }

    [Fact]
    public void ItHappensOnce()
    {
        Assert.Equal(HvcStatus.Success, Establish(FakeHandset.Describe()));
        byte[] owners = PhysicalMemory.Owners();
        HandsetDescription other = FakeHandset.Describe();
        other.RangeCount--;
        Write(Description, other);
        Assert.NotEqual(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.Establish, Description, Context));
        Assert.Equal(owners, PhysicalMemory.Owners());
        Assert.Equal((ulong)HandsetDescription.FirstBank + 2, Handset.Description.RangeCount);
        Assert.Single(PhysicalGic.Awake);
    }

    /// <summary>The keeper knows cores by their place in the description; firmware knows them by MPIDR.</summary>
    [Fact]
    public void CoresComeOnByTheirPlace()
    {
        HandsetDescription handset = FakeHandset.Describe();
        for (int i = 1; i < 4; i++) handset.Cores[i].Mpidr = (ulong)i << 8;
        Assert.Equal(HvcStatus.Success, Establish(handset));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(0xC400_0003, 2, 0x1234_0000, 2));
        Assert.Equal((0xC400_0003ul, 0x200ul, Cpu.SecondaryStart(), Cpu.Ttbr0El2() | 2), Assert.Single(Cpu.FirmwareCalls));
        Assert.Equal((VcpuState.Running, 0x1234_0000ul, 2ul), (FakeHandset.Keeper(2).State, FakeHandset.Keeper(2).Pc, FakeHandset.Keeper(2).X[0]));
        Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(0xC400_0003, 0x300, 0x1234_0000, 3));
        Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(0xC400_0003, 1ul << 32 | 1, 0x1234_0000, 3));
        Assert.Equal(-4, (long)FakeHandset.Hvc(0xC400_0003, 2, 0x1234_0000, 2)); // it is on
    }

    [Fact]
    public void GuestsDoNotEstablish()
    {
        Assert.Equal(HvcStatus.Success, Establish(FakeHandset.Describe()));
        FakeHandset.RunVm();
        FakeHandset.Hvc(HvcFunction.Establish, Description, Context);
        Assert.Equal(ExitReason.Instruction, FakeHandset.Exit()); // a call like any other
    }

    [Fact]
    public void WhatTheKeeperWritesAfterwardsChangesNothing()
    {
        Establish(FakeHandset.Describe());
        PhysicalMemory.Scribble(Description);
        Assert.Equal(0x080A_0000ul, Handset.Description.Ranges[HandsetDescription.Gicr].Start);
        Assert.Equal(0x080C_0000ul, Cores.At(1).Redistributor);
    }

    private static HvcStatus Establish(HandsetDescription handset)
    {
        Write(Description, handset);
        return FakeHandset.Hvc(HvcFunction.Establish, Description, Context);
    }

    private static void Refused(HvcStatus status, HandsetDescription handset)
    {
        Assert.Equal(status, Establish(handset));
        NothingIsEstablished();
    }

    private static void NothingIsEstablished()
    {
        Assert.Null(Cpu.Here.Loaded);
        Assert.False(Establishment.IsDone);
        Assert.Equal((0ul, 0, VmState.Free), (Cpu.Tables, PhysicalGic.Awake.Count, Vms.State[0]));
        Assert.All(PhysicalMemory.Owners(), record => Assert.Equal(0, record));
    }

    private static void Write(ulong address, HandsetDescription handset)
    {
        var words = new List<ulong> { handset.RangeCount, handset.CoreCount };
        foreach (AddressRange range in handset.Ranges) words.AddRange([range.Start, range.End]);
        foreach (CoreDescription core in handset.Cores) words.AddRange([core.Mpidr, core.Redistributor]);
        words.Add(handset.RestartableAt);
        Assert.Equal(HandsetDescription.Words, words.Count);
        for (int i = 0; i < words.Count; i++) PhysicalMemory.Word(address + 8 * (ulong)i) = words[i];
    }

    private static AddressRange Range(ulong start, ulong size) => new() { Start = start, End = start + size };

    private static List<Leaf> Leaves(ulong root, ulong delta) => SecondWalker.Leaves(root, delta);
}
