using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Vcpus;

/// <summary>Assembly, C# and the keeper's interface say the same about where the words of a vCPU lie.</summary>
public sealed partial class VcpuLayoutTests
{
    private static readonly string s_machine = Path.Combine(Root(), "src", "Hypervisor", "Machine");

    public static TheoryData<string, int> Fields()
    {
        var vcpu = default(Vcpu);
        return new TheoryData<string, int>
        {
            { "VCPU_X", Offset(ref vcpu, ref vcpu.X) },
            { "VCPU_PC", Offset(ref vcpu, ref vcpu.Pc) },
            { "VCPU_EXITS", Offset(ref vcpu, ref vcpu.Exits) },
            { "VCPU_SYSTEM", Offset(ref vcpu, ref vcpu.SpEl0) },
            { "VCPU_VGIC", Offset(ref vcpu, ref vcpu.IchVmcr) },
            { "VCPU_LISTS", Offset(ref vcpu, ref vcpu.Lists) },
            { "VCPU_CONFIGURATION", Offset(ref vcpu, ref vcpu.HcrEl2) },
            { "VCPU_VECTORS", Offset(ref vcpu, ref vcpu.Vectors) },
        };
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void AssemblyKnowsTheOffset(string name, int offset) => Assert.Equal(offset, Constants()[name]);

    [Fact]
    public void AssemblyKnowsNoOtherOffset() =>
        Assert.Equal(Fields().Select(row => (string)((object[])row)[0]).Order(), Constants().Keys.Order());

    /// <summary>switch.S saves EL1's registers in the order of the fields.</summary>
    [Fact]
    public void SystemRegistersHaveTheOrderOfTheFields()
    {
        string text = File.ReadAllText(Path.Combine(s_machine, "switch.S"));
        var pairs = PairLine().Matches(text).Select(m => (A: m.Groups[1].Value, B: m.Groups[2].Value, Word: int.Parse(m.Groups[3].Value))).ToList();
        Assert.NotEmpty(pairs);
        string[] fields = [.. typeof(Vcpu).GetFields().Select(f => f.Name.ToUpperInvariant())];
        int first = Array.IndexOf(fields, "SPEL0");
        foreach (var (a, b, word) in pairs)
        {
            Assert.Equal(a.Replace("_", "").ToUpperInvariant(), fields[first + word]);
            Assert.Equal(b.Replace("_", "").ToUpperInvariant(), fields[first + word + 1]);
        }
        Assert.Equal(Constants()["VCPU_VGIC"] - Constants()["VCPU_SYSTEM"], 8 * 2 * pairs.Count);
    }

    /// <summary>VcpuGet and VcpuSet mean word n of a vCPU.</summary>
    [Fact]
    public void TheKeeperCountsTheSameWords()
    {
        var vcpu = default(Vcpu);
        Assert.Equal(0, Word(VcpuRegister.X0, Offset(ref vcpu, ref vcpu.X)));
        Assert.Equal((int)VcpuRegister.X30 * 8, Offset(ref vcpu, ref vcpu.X) + 30 * 8);
        Assert.Equal((int)VcpuRegister.Xzr * 8, Offset(ref vcpu, ref vcpu.X[31]));
        Assert.Equal((int)VcpuRegister.State * 8, Offset(ref vcpu, ref vcpu.State)); // little-endian: the word's lowest byte
        foreach (var register in Enum.GetValues<VcpuRegister>().Where(r => r is > VcpuRegister.Xzr and <= VcpuRegister.Ttbr1El1))
        {
            // Each value of its own field, found by name.
            object boxed = default(Vcpu);
            var field = typeof(Vcpu).GetField(register.ToString());
            Assert.NotNull(field);
            field.SetValue(boxed, 0x1122_3344_5566_7788ul);
            vcpu = (Vcpu)boxed;
            Assert.Equal(0x1122_3344_5566_7788ul, Unsafe.Add(ref Unsafe.As<Vcpu, ulong>(ref vcpu), (int)register));
        }
    }

    [Fact]
    public void AVcpuAndAVmFitIntoTheirPages()
    {
        Assert.InRange(Unsafe.SizeOf<Vcpu>(), 1, 4096);
        Assert.InRange(Unsafe.SizeOf<Vm>(), 1, 4096);
    }

    private static int Word(VcpuRegister register, int offset) => offset - (int)register * 8;

    private static Dictionary<string, int> Constants() =>
        File.ReadLines(Path.Combine(s_machine, "layout.inc")).Select(l => ConstantLine().Match(l)).Where(m => m.Success)
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Split('*').Select(f => int.Parse(f)).Aggregate((a, b) => a * b));

    private static int Offset<T>(ref Vcpu vcpu, ref T field) => (int)Unsafe.ByteOffset(ref Unsafe.As<Vcpu, byte>(ref vcpu), ref Unsafe.As<T, byte>(ref field));

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Pocketvisor.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException("the source tree");
    }

    [GeneratedRegex(@"^\.equ\s+(\w+),\s*([\d* ]+)")]
    private static partial Regex ConstantLine();

    [GeneratedRegex(@"\\op (\w+), (\w+), (\d+)")]
    private static partial Regex PairLine();
}
