using Pocketvisor.Cli.Sizes;
using Xunit;

namespace Pocketvisor.Cli.Tests;

public sealed class LinkerMapTests
{
    private const string Map = """
                     VMA              LMA     Size Align Out     In      Symbol
                       0                0        0     1 PROVIDE ( RhpReversePInvoke = _start )
                       0                0      100     8 .text
                       0                0       20     8         /x/start.asm.o:(.text.start)
                       0                0        0     1                 $x.0
                       0                0        0     1                 _start
                       8                8        0     1                 boot
                      20               20       10     4         /x/switch.asm.o:(.text.vector.1)
                      30               30       18     8         /x/Pocketvisor.Hypervisor.o:(.rodata)
                      30               30        0     1                 __embedded_metadata
                      60               60        0     1         . = ALIGN ( 16 )
                      60               60       a0     4         /x/Pocketvisor.Hypervisor.o:(__managedcode)
                      60               60       40     1                 Pocketvisor_Hypervisor_Pocketvisor_Hypervisor_Vcpus_World__Enter
                      a0               a0       20     1                 Pocketvisor_Hypervisor_Pocketvisor_Hypervisor_Boot_Program__Main
                      a0               a0       20     1                 hypervisor_main
                      c0               c0       30     1                 Pocketvisor_Hypervisor_Pocketvisor_DeviceTree_FdtReader___ctor
                      f0               f0       10     1                 Bare_Corlib_Internal_Runtime_CompilerHelpers_ThrowHelpers__ThrowIndexOutOfRangeException
                    1000             1000     3000  4096 .bss
                    1000             1000     2000  4096         /x/start.asm.o:(.bss.boot)
                       0                0      1f2     1 .debug_abbrev
                       0                0       1f     1         /x/cpu.asm.o:(.debug_abbrev)
        """;

    [Fact]
    public void EachByteHasOneOwner()
    {
        var entries = LinkerMap.Parse(Map, 0x100, "Pocketvisor.Hypervisor");
        Assert.Equal(
            [
                ("assembly", "_start", 8L), ("assembly", "boot", 0x18L), ("assembly", "vector.1", 0x10L), ("constants", "read-only data", 0x18L),
                ("Vcpus", "World.Enter", 0x40L), ("Boot", "Program.Main", 0x20L), ("DeviceTree", "FdtReader.ctor", 0x30L),
                ("runtime", "ThrowHelpers.ThrowIndexOutOfRangeException", 0x10L), ("gaps", "between aligned parts", 0x18L),
            ],
            entries.Select(e => (e.Part, e.Name, e.Bytes)));
        Assert.Equal(0x100, entries.Sum(e => e.Bytes));
    }

    [Theory]
    [InlineData("", 0x100)]
    [InlineData("no map at all\n", 0x100)]
    [InlineData(Map, 0x40)]
    public void AnotherFileIsRefused(string map, long bytes) =>
        Assert.Throws<FormatException>(() => LinkerMap.Parse(map, bytes, "Pocketvisor.Hypervisor"));

    [Fact]
    public void ChangesAreAgainstTheBase()
    {
        var comparison = SizeComparison.Of([new("A", "x", 10), new("A", "y", 5), new("B", "z", 1)], [new("A", "x", 12), new("B", "z", 1), new("C", "gone", 7)], "abc");
        Assert.Equal([("A", 15L, (long?)3), ("B", 1, 0), ("C", 0, -7)], comparison.Parts.Select(row => (row.Part, row.Bytes, row.Change)));
        Assert.Equal(5, comparison.Rows.Single(row => row.Name == "y").Change);
        Assert.All(SizeComparison.Of([new("A", "x", 10)], null, null).Parts, row => Assert.Null(row.Change));
    }
}
