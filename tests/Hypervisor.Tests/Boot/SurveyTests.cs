using System;
using System.Collections.Generic;
using System.Text;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Tests.DeviceTree;
using Pocketvisor.Keeper.Boot;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Boot;

/// <summary>What the keeper makes of a device tree for Establish.</summary>
public sealed class SurveyTests
{
    private const string Memory = """memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x80000000>; };""";
    private const string Cores = """
        cpus {
            #address-cells = <1>; #size-cells = <0>;
            cpu@0 { device_type = "cpu"; reg = <0>; };
            cpu@301 { device_type = "cpu"; reg = <0x301>; };
        };
        """;
    private const string Gic = """intc@8000000 { compatible = "arm,gic-v3"; reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0xf60000>; };""";
    private const string Uart = """pl011@9000000 { compatible = "arm,pl011", "arm,primecell"; reg = <0 0x9040000 0 0x1000>; };""";

    // Redistributors in the order 0x301, 2, 0.
    private readonly struct Registers : IHandsetRegisters
    {
        public static uint Read32(ulong address) => address switch
        {
            0x080A_000C => 0x301,
            0x080C_000C => 2,
            0x080E_000C => 0,
            0x080A_0008 or 0x080C_0008 => 0xFFFF_FFEF,
            0x0800_0004 => 2, // ITLinesNumber
            _ => s_written.TryGetValue(address, out uint value) ? value : 0xFFFF_FFFF,
        };

        public static void Write32(ulong address, uint value) => s_written[address] = value;
    }

    private static readonly Dictionary<ulong, uint> s_written = [];

    [Fact]
    public void SetsTheDistributorUp()
    {
        s_written.Clear();
        HandsetDescription handset = default;
        handset.Ranges[HandsetDescription.Gicd].Start = 0x0800_0000;
        Keeper.Boot.Survey.InitialiseDistributor<Registers>(handset);
        Assert.Equal(0x13u, s_written[0x0800_0000]);
        foreach (ulong register in (ulong[])[0x0800_0084, 0x0800_0088, 0x0800_0184, 0x0800_0188, 0x0800_0384, 0x0800_0388]) Assert.Equal(uint.MaxValue, s_written[register]);
        for (ulong register = 0x0800_0420; register < 0x0800_0460; register += 4) Assert.Equal(0xA0A0_A0A0, s_written[register]);
        Assert.Equal(1 + 6 + 16, s_written.Count);
    }

    [Fact]
    public void DescribesAHandset()
    {
        Assert.Equal("", Survey(Memory + Cores + Gic + Uart, out HandsetDescription handset));
        Assert.Equal((4ul, 2ul), (handset.RangeCount, handset.CoreCount));
        Assert.Equal((0x0800_0000ul, 0x0801_0000ul), Range(handset, HandsetDescription.Gicd));
        Assert.Equal((0x080A_0000ul, 0x0900_0000ul), Range(handset, HandsetDescription.Gicr));
        Assert.Equal((0x0904_0000ul, 0x0904_1000ul), Range(handset, HandsetDescription.Uart));
        Assert.Equal((0x4000_0000ul, 0xC000_0000ul), Range(handset, HandsetDescription.FirstBank));
        Assert.Equal((0ul, 0x080E_0000ul), (handset.Cores[0].Mpidr, handset.Cores[0].Redistributor));
        Assert.Equal((0x301ul, 0x080A_0000ul), (handset.Cores[1].Mpidr, handset.Cores[1].Redistributor));
    }

    [Fact]
    public void OfMemoryOnlyWholePagesCount()
    {
        const string askew = """memory@40000000 { device_type = "memory"; reg = <0 0x40000800 0 0x10000>, <0 0x50000100 0 0x1000>, <0 0x60000000 0 0>, <1 0 0 0x1800>; };""";
        Assert.Equal("", Survey(askew + Cores + Gic, out HandsetDescription handset));
        Assert.Equal(5ul, handset.RangeCount);
        Assert.Equal((0x4000_1000ul, 0x4001_0000ul), Range(handset, HandsetDescription.FirstBank));
        Assert.Equal((0x1_0000_0000ul, 0x1_0000_1000ul), Range(handset, HandsetDescription.FirstBank + 1));
    }

    [Fact]
    public void WithoutAUartItIsTheDefaultHandsets()
    {
        Survey(Memory + Cores + Gic, out HandsetDescription handset);
        Assert.Equal((0x0900_0000ul, 0x0900_1000ul), Range(handset, HandsetDescription.Uart));
    }

    [Theory]
    [InlineData(Cores + Gic + Uart, "memory in its device tree")]
    [InlineData(Memory + Gic + Uart, "cores in its device tree")]
    [InlineData(Memory + Cores + Uart, "a GICv3")]
    [InlineData(Memory + Cores + """intc@8000000 { compatible = "arm,gic-v3"; reg = <0 0x8000000 0 0x10000>; };""", "a GICv3")]
    [InlineData(Memory + Cores + """intc@8000000 { compatible = "arm,cortex-a15-gic"; reg = <0 0x8000000 0 0x10000>, <0 0x8010000 0 0x10000>; };""", "a GICv3")]
    [InlineData(Memory + Cores + """intc@8000000 { compatible = "arm,gic-v3"; reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0x1f000>; };""", "redistributors for its cores")]
    [InlineData(Memory + Cores + """intc@8000000 { compatible = "arm,gic-v3"; reg = <0x40 0x8000000 0 0x10000>, <0x40 0x80a0000 0 0x40000>; };""", "devices and memory below 256 GB")]
    [InlineData(Memory + Cores + """intc@8000000 { compatible = "arm,gic-v3"; reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0xffffffff 0xfff60000>; };""", "devices and memory below 256 GB")]
    [InlineData(Gic + Cores + """memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0x40 0>; };""", "devices and memory below 256 GB")]
    [InlineData(Gic + Cores + """memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0xffffffff 0xffffffff>; };""", "devices and memory below 256 GB")]
    public void SaysWhatIsMissing(string nodes, string sentence) => Assert.Equal(sentence, Survey(nodes, out _));

    /// <summary>The redistributors end before core 0's, or the third core's is nowhere up to the last.</summary>
    [Theory]
    [InlineData(Cores + """intc@8000000 { compatible = "arm,gic-v3"; reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0x50000>; };""", new ulong[] { 0x301, 0 }, 1)]
    [InlineData("""cpus { #address-cells = <1>; #size-cells = <0>; cpu@7 { device_type = "cpu"; reg = <7>; }; cpu@0 { device_type = "cpu"; reg = <0>; }; cpu@2 { device_type = "cpu"; reg = <2>; }; };""" + Gic, new ulong[] { 0, 2, 7 }, 2)]
    public void ACoreThatTheTreeNamesAndTheHandsetHasNotComesLastAndIsNotCounted(string nodes, ulong[] cores, int there)
    {
        Assert.Equal("", Survey(Memory + nodes, out HandsetDescription handset));
        Assert.Equal((ulong)there, handset.CoreCount);
        for (int i = 0; i < cores.Length; i++)
            Assert.Equal((cores[i], i >= there), (handset.Cores[i].Mpidr, handset.Cores[i].Redistributor == Keeper.Boot.Survey.NoRedistributor));
    }

    [Fact]
    public void SaysThatATreeIsDamaged()
    {
        HandsetDescription handset = default;
        Assert.Equal("a device tree, or it is damaged", Text(Keeper.Boot.Survey.Describe<Registers>(default, ref handset)));
        Assert.Equal("a device tree, or it is damaged", Text(Keeper.Boot.Survey.Describe<Registers>(new byte[64], ref handset)));
    }

    /// <summary>Whatever it reads: it says what is missing, or describes what the hypervisor can check without an exception.</summary>
    [Fact]
    public void DamagedTreesEndInASentenceOrADescription()
    {
        byte[] tree = Compile(Memory + Cores + Gic + Uart), blob = [.. tree];
        for (int at = 0; at < blob.Length; at++)
        {
            foreach (int change in (int[])[1, 2, 3, 4, 0x80, 0xFF])
            {
                blob[at] = (byte)(tree[at] ^ change);
                HandsetDescription handset = default;
                if (Keeper.Boot.Survey.Describe<Registers>(blob, ref handset).IsEmpty)
                {
                    Assert.InRange(handset.RangeCount, 4ul, 11ul);
                    Assert.InRange(handset.CoreCount, 1ul, 8ul);
                    for (int i = 0; i < (int)handset.RangeCount; i++) Assert.True(handset.Ranges[i].Start < handset.Ranges[i].End && handset.Ranges[i].End <= 0x40_0000_0000);
                }
            }
            blob[at] = tree[at];
        }
    }

    [Fact]
    public void EachRefusalHasASentence()
    {
        Assert.Equal("an owner table that fits into 4 MB", Text(Keeper.Boot.Survey.Sentence(HvcStatus.NoMemory)));
        Assert.Equal("four list registers in the GIC", Text(Keeper.Boot.Survey.Sentence(HvcStatus.Denied)));
        Assert.Equal("a device tree that is free of contradictions", Text(Keeper.Boot.Survey.Sentence(HvcStatus.InvalidParameters)));
    }

    private static string Survey(string nodes, out HandsetDescription handset)
    {
        handset = default;
        return Text(Keeper.Boot.Survey.Describe<Registers>(Compile(nodes), ref handset));
    }

    private static byte[] Compile(string nodes) => DeviceTreeCompiler.Compile("/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; " + nodes + " };");

    private static (ulong, ulong) Range(in HandsetDescription handset, int i) => (handset.Ranges[i].Start, handset.Ranges[i].End);

    private static string Text(ReadOnlySpan<byte> sentence) => Encoding.ASCII.GetString(sentence);
}
