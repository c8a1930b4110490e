using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Memory;

public sealed class OwnerTableTests
{
    private const ulong Page = 0x1000;

    public OwnerTableTests() => FakeHandset.Start();

    /// <summary>Every state, every event, and the state after it; None where the policy refuses.</summary>
    public static TheoryData<byte, int, byte> Policy()
    {
        var data = new TheoryData<byte, int, byte>();
        string[] table =
        [
            //            Donate       Return    Lend    Reclaim
            "None         -            -         -       -",
            "Keeper       Hypervisor   -         Lent    -",
            "Lent         -            -         -       Keeper",
            "Hypervisor   -            Keeper    -       -",
        ];
        foreach (string row in table)
        {
            string[] cells = row.Split(' ', System.StringSplitOptions.RemoveEmptyEntries);
            for (int e = 0; e < 4; e++) data.Add((byte)State(cells[0]), e, (byte)State(cells[e + 1]));
        }
        return data;

        static PageState State(string name) => name == "-" ? PageState.None : System.Enum.Parse<PageState>(name);
    }

    [Fact]
    public void ThePolicyIsAskedAboutAllStatesAndEvents()
    {
        Assert.Equal(4, System.Enum.GetValues<PageState>().Length);
        Assert.Equal(["Donate", "Return", "Lend", "Reclaim"], System.Enum.GetNames<PageEvent>());
    }

    [Theory]
    [MemberData(nameof(Policy))]
    public void EveryStateByEveryEvent(byte state, int e, byte next) =>
        Assert.Equal((PageState)next, OwnerTable.Next((PageState)state, (PageEvent)e));

    /// <summary>Each state, tied to each VM, by each event in the name of each VM: the record changes as the policy says, or not at all.</summary>
    [Theory]
    [MemberData(nameof(Policy))]
    public void OnlyTheVmThatAPageIsTiedToMovesIt(byte state, int e, byte next)
    {
        for (uint tied = 0; tied < VmControl.MaxVms; tied++)
        {
            for (uint vm = 0; vm < VmControl.MaxVms; vm++)
            {
                if ((PageState)state is PageState.None or PageState.Keeper && tied != 0) continue; // no such record
                Record(FakeHandset.Free) = (byte)(state << 6 | (int)tied);
                bool allowed = (PageState)next != PageState.None && ((PageState)state == PageState.Keeper || tied == vm);

                Assert.Equal(allowed, OwnerTable.TryMove(FakeHandset.Free, 1, (PageEvent)e, vm));

                uint owner = (PageState)next == PageState.Keeper ? 0 : vm;
                Assert.Equal(allowed ? (byte)(next << 6 | (int)owner) : (byte)(state << 6 | (int)tied), Record(FakeHandset.Free));
            }
        }
    }

    /// <summary>A range of eight pages in which any one page, in any wrong state, refuses all.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void OneWrongPageRefusesTheWholeRange(int e, byte right)
    {
        const uint vm = 5;
        for (int wrongAt = 0; wrongAt < 8; wrongAt++)
        {
            for (int wrong = 0; wrong < 256; wrong++)
            {
                byte good = (byte)(right << 6 | (right == (byte)PageState.Keeper ? 0 : (int)vm));
                if (wrong == good || (right == 1 && wrong >> 6 == 1)) continue; // what a keeper's page is tied to says nothing
                for (int i = 0; i < 8; i++) Record(FakeHandset.Free + (ulong)i * Page) = i == wrongAt ? (byte)wrong : good;
                byte[] before = PhysicalMemory.Owners();
                Assert.False(OwnerTable.TryMove(FakeHandset.Free, 8, (PageEvent)e, vm));
                Assert.Equal(before, PhysicalMemory.Owners());
            }
        }
    }

    [Theory]
    [InlineData(0x3FFF_F000, 1)] // the page before memory
    [InlineData(0x3FFF_F000, 2)]
    [InlineData(0x43FF_F000, 2)] // into the hole
    [InlineData(0x4400_0000, 1)]
    [InlineData(0x480F_F000, 2)] // over the end
    [InlineData(0x4810_0000, 1)]
    [InlineData(0, 1)]
    [InlineData(0x4020_0000, 0x000F_FFFF_FFFF_FFFF)]
    [InlineData(0x4020_0000, 0xFFFF_FFFF_FFFF_FFFF)]
    [InlineData(0x4020_0000, 0x0010_0000_0000_0001)] // a count that wraps around to one page
    [InlineData(0xFFFF_FFFF_FFFF_F000, 1)]
    [InlineData(0xFFFF_FFFF_FFFF_F000, 0x40202)]
    [InlineData(0x1_0000_4020_0000, 1)]
    public void WhatIsNotMemoryNeverMoves(ulong address, ulong pages)
    {
        byte[] before = PhysicalMemory.Owners();
        for (int e = 0; e < 4; e++) Assert.False(OwnerTable.TryMove(address, pages, (PageEvent)e, 1));
        Assert.Equal(before, PhysicalMemory.Owners());
        Assert.False(OwnerTable.KeeperMayAccess(address, pages));
    }

    [Fact]
    public void TheKeeperMayAccessItsOwnAndWhatItLent()
    {
        foreach (var state in System.Enum.GetValues<PageState>())
        {
            Record(FakeHandset.Free + Page) = (byte)((int)state << 6 | 1);
            Assert.Equal(state is PageState.Keeper or PageState.Lent, OwnerTable.KeeperMayAccess(FakeHandset.Free, 3));
            Assert.Equal(state, OwnerTable.StateOf(FakeHandset.Free + Page, out uint vm));
            Assert.Equal(1u, vm);
        }
    }

    [Fact]
    public void NothingIsOutsideTheTable()
    {
        OwnerTable.Assign(FakeHandset.Memory, FakeHandset.SecondBank + FakeHandset.SecondBankBytes, PageState.Keeper);
        Assert.All(PhysicalMemory.Owners(), record => Assert.Equal(0x40, record));
        Assert.Equal(PageState.None, OwnerTable.StateOf(0x3FFF_F000, out _));
        Assert.Equal(PageState.None, OwnerTable.StateOf(0x4810_0000, out _));
    }

    [Fact]
    public void OverlapsKnowsTheEdges()
    {
        Assert.False(OwnerTable.Overlaps(FakeHandset.Memory - Page, Page));
        Assert.True(OwnerTable.Overlaps(FakeHandset.Memory - Page, Page + 1));
        Assert.True(OwnerTable.Overlaps(0x4500_0000, 1)); // a hole between two banks is not for devices either
        Assert.True(OwnerTable.Overlaps(0x480F_FFFF, 1));
        Assert.False(OwnerTable.Overlaps(0x4810_0000, Page));
        Assert.Equal(4, PhysicalMemory.Owners().Distinct().Count() + 1); // None, Keeper, Hypervisor
    }

    private static ref byte Record(ulong address) => ref PhysicalMemory.Owner(address / Page);
}
