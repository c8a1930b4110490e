using System;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Memory;

public sealed class TranslationTablesTests
{
    // EL2 reaches the tables somewhere else than the hardware does.
    private const ulong First = 0x9_0000_0000, Delta = 0x7_1234_5000, Kb4 = 1 << 12, Mb2 = 1 << 21, Gb = 1 << 30;

    [Fact]
    public void MapsWithTheLargestBlocks()
    {
        var tables = Make(8);
        Assert.Equal(HvcStatus.Success, tables.Map(Gb - Mb2 - Kb4, 3 * Gb - Mb2 - Kb4, Gb + 2 * Mb2 + 2 * Kb4, Stage2.Memory));
        Assert.Equal(
            [
                new Leaf(Gb - Mb2 - Kb4, Kb4, 3 * Gb - Mb2 - Kb4, Stage2.Memory),
                new Leaf(Gb - Mb2, Mb2, 3 * Gb - Mb2, Stage2.Memory),
                new Leaf(Gb, Gb, 3 * Gb, Stage2.Memory),
                new Leaf(2 * Gb, Mb2, 4 * Gb, Stage2.Memory),
                new Leaf(2 * Gb + Mb2, Kb4, 4 * Gb + Mb2, Stage2.Memory),
            ],
            SecondWalker.Leaves(tables.Root, Delta));
    }

    [Fact]
    public void OutputOfOtherAlignmentMakesPages()
    {
        var tables = Make(8);
        Assert.Equal(HvcStatus.Success, tables.Map(Gb, 2 * Gb + Kb4, Mb2, Stage2.Memory));
        Assert.Equal(512, SecondWalker.Leaves(tables.Root, Delta).Count);
    }

    [Fact]
    public void TheLastPageOfTheInputCanBeMapped()
    {
        var tables = Make(3);
        Assert.Equal(HvcStatus.Success, tables.Map(TranslationTables.InputLimit - Kb4, Kb4, Kb4, Stage2.Device));
        Assert.Equal([new Leaf(TranslationTables.InputLimit - Kb4, Kb4, Kb4, Stage2.Device)], SecondWalker.Leaves(tables.Root, Delta));
        tables.Unmap(TranslationTables.InputLimit - Kb4, Kb4);
        Assert.Empty(SecondWalker.Leaves(tables.Root, Delta));
    }

    [Theory]
    [InlineData(1, 0)] // the root alone
    [InlineData(2, 0)]
    [InlineData(3, 512)] // one 2 MB region of pages
    [InlineData(4, 1024)]
    [InlineData(5, 1200)]
    public void OutOfTablesKeepsWhatItMapped(int pages, int expected)
    {
        var tables = Make(pages);
        var status = tables.Map(Gb, 5 * Gb + Kb4, 1200 * Kb4, Stage2.Memory);
        Assert.Equal(expected == 1200 ? HvcStatus.Success : HvcStatus.NoMemory, status);
        Assert.Equal(expected, SecondWalker.Leaves(tables.Root, Delta).Count);
    }

    [Fact]
    public void UnmapTakesAWholeBlockThatItTouches()
    {
        var tables = Make(4);
        tables.Map(Gb, Gb, 2 * Mb2, Stage2.Memory);
        tables.Unmap(Gb + 17 * Kb4, Kb4);
        Assert.Equal([new Leaf(Gb + Mb2, Mb2, Gb + Mb2, Stage2.Memory)], SecondWalker.Leaves(tables.Root, Delta));
    }

    /// <summary>After every step of a random history, tables and model say the same, entry by entry.</summary>
    [Fact]
    public void RandomHistoriesAgreeWithASimpleMapper() => Prop.ForAll<int, byte>((seed, spare) =>
    {
        var random = new Random(seed);
        int pages = 1 + spare % 12;
        var tables = Make(pages);
        var model = new SimpleMap(pages - 1);
        for (int step = 0; step < 24; step++)
        {
            ulong input = Address(random), size = Size(random), output = random.Next(3) == 0 ? Address(random) : input + (ulong)random.Next(3) * Gb;
            if (random.Next(3) != 0)
            {
                if (tables.Map(input, output, size, Stage2.Memory) != model.Map(input, output, size, Stage2.Memory)) return false;
            }
            else
            {
                tables.Unmap(input, size);
                model.Unmap(input, size);
            }
            Assert.Equal(model.Leaves.Values, SecondWalker.Leaves(tables.Root, Delta));
        }
        return true;
    }).QuickCheckThrowOnFailure();

    /// <summary>The pages behind the last one that it may use stay as they were.</summary>
    [Fact]
    public void NeverTouchesWhatIsNotItsOwn() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var tables = Make(4);
        ulong behind = PhysicalMemory.Word(First + Delta + 4 * Kb4), before = PhysicalMemory.Word(First + Delta - 8);
        for (int step = 0; step < 16; step++) tables.Map(Address(random), Address(random), Size(random), Stage2.Memory);
        return PhysicalMemory.Word(First + Delta + 4 * Kb4) == behind && PhysicalMemory.Word(First + Delta - 8) == before && tables.Next <= tables.End;
    }).QuickCheckThrowOnFailure();

    private static TranslationTables Make(int pages)
    {
        PhysicalMemory.Reset(0);
        PhysicalMemory.Zero(First + Delta, (ulong)pages * Kb4);
        var tables = default(TranslationTables);
        tables.Initialise(First, First + (ulong)pages * Kb4, Delta);
        return tables;
    }

    // Few places, so that ranges meet; near the edges of blocks, where mistakes are.
    private static ulong Address(Random random) =>
        (ulong)random.Next(3) * Gb + (ulong)(random.Next(2) == 0 ? random.Next(3) : 509 + random.Next(3)) * Mb2
        + (random.Next(2) == 0 ? 0 : (ulong)(random.Next(2) == 0 ? random.Next(3) : 509 + random.Next(3)) * Kb4);

    private static ulong Size(Random random) => random.Next(6) switch
    {
        0 => Gb,
        1 => (ulong)random.Next(1, 4) * Mb2,
        2 => Gb + Mb2 + Kb4,
        3 => (ulong)random.Next(1, 1100) * Kb4,
        _ => (ulong)random.Next(1, 5) * Kb4,
    };
}
