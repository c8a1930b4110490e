using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.DeviceTree;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.DeviceTree;

public sealed class FdtReaderTests
{
    private sealed record Node(string Name, int AddressCells, int SizeCells, List<(string Name, byte[] Value)> Properties, List<Node> Children);

    /// <summary>QEMU's tree for our handset, node by node and property by property, against what fdtget reads.</summary>
    [Fact]
    public void ReadsTheHandsetsTreeAsFdtgetDoes()
    {
        string file = Path.GetTempFileName();
        try
        {
            DeviceTreeCompiler.DumpHandset(file, 8);
            var expected = new List<string>();
            Expect("/", 0);

            var tree = new FdtReader(File.ReadAllBytes(file));
            int i = 0;
            while (tree.NextNode()) Assert.Equal(expected[i++], Line(ref tree));
            Assert.Equal(expected.Count, i);
            Assert.True(i > 30);
            Assert.False(tree.IsDamaged);

            void Expect(string path, int depth)
            {
                string[] names = DeviceTreeCompiler.Properties(file, path);
                byte[][] values = DeviceTreeCompiler.Values(file, path, names);
                expected.Add($"{depth} {path[(path.LastIndexOf('/') + 1)..]} " + string.Join(' ', s_asked.Select(p => Array.IndexOf(names, p) is >= 0 and var at && values[at].Length != 0 ? Convert.ToHexString(values[at]) : "-")));
                foreach (string child in DeviceTreeCompiler.Subnodes(file, path)) Expect(path == "/" ? "/" + child : path + "/" + child, depth + 1);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static readonly string[] s_asked =
        ["compatible", "reg", "#address-cells", "#size-cells", "device_type", "interrupts", "interrupt-controller", "phandle", "method", "clock-names", "bank-width", "no-such"];

    // The reader tells no difference between an empty property and none.
    private static string Line(ref FdtReader tree)
    {
        string line = $"{tree.Depth} {Encoding.ASCII.GetString(tree.Name)}";
        foreach (string name in s_asked)
        {
            string value = Convert.ToHexString(tree.Property(Encoding.ASCII.GetBytes(name)));
            line += value.Length == 0 ? " -" : " " + value;
        }
        return line;
    }

    /// <summary>Random trees: everything that was written is read, and nothing else.</summary>
    [Fact]
    public void ReadsRandomTreesAsDtcWroteThem() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var root = Make(random, "", 0);
        var source = new StringBuilder("/dts-v1/;\n/memreserve/ 0x1000 0x2000;\n");
        Write(source, root, "/");
        var tree = new FdtReader(DeviceTreeCompiler.Compile(source.ToString()));
        Compare(ref tree, root, 0, 0, 0); // the root has no parent that could say what its reg means
        return !tree.NextNode() && !tree.IsDamaged;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void ReadsRegByTheParentsCells()
    {
        var tree = new FdtReader(DeviceTreeCompiler.Compile("""
            /dts-v1/;
            / {
                #address-cells = <2>; #size-cells = <2>;
                memory@1 { device_type = "memory"; reg = <1 2 3 4>, <5 6 7 8>, <9 10 11>; };
                cpus { #address-cells = <1>; #size-cells = <0>; cpu@7 { reg = <7>; }; };
                bus { #address-cells = <3>; #size-cells = <1>; pci@0 { reg = <1 2 3 4>; }; };
                none { plain@1 { reg = <0x10 0x20 0x30>; }; };
                zero { #address-cells = <0>; #size-cells = <0>; thing { reg = <1 2>; }; };
            };
            """));
        var seen = new List<string>();
        while (tree.NextNode())
            for (int i = 0; i < 5; i++)
                if (tree.Reg(i, out ulong address, out ulong size)) seen.Add($"{Encoding.ASCII.GetString(tree.Name)} {address:x} {size:x}");
        Assert.Equal(["memory@1 100000002 300000004", "memory@1 500000006 700000008", "cpu@7 7 0", "plain@1 1000000020 30"], seen.Where(s => !s.StartsWith("thing", StringComparison.Ordinal)));
        Assert.True(seen.Count(s => s.StartsWith("thing", StringComparison.Ordinal)) <= 1, "a reg without cells has no end");
    }

    [Fact]
    public void FindsEachStringOfAList()
    {
        var tree = new FdtReader(DeviceTreeCompiler.Compile("/dts-v1/; / { compatible = \"a,bc\", \"d\", \"\"; empty; };"));
        Assert.True(tree.NextNode());
        Assert.True(tree.IsCompatible("a,bc"u8));
        Assert.True(tree.IsCompatible("d"u8));
        Assert.True(tree.IsCompatible(""u8));
        Assert.False(tree.IsCompatible("a,b"u8));
        Assert.False(tree.IsCompatible("bc"u8));
        Assert.False(tree.Lists("empty"u8, ""u8));
    }

    [Fact]
    public void NestsAsDeepAsItSaysAndNoDeeper()
    {
        int deepest = 0;
        foreach (int depth in (int[])[.. Enumerable.Range(0, 18), 40, 1000])
        {
            string inner = string.Concat(Enumerable.Range(0, depth).Select(i => $"n{i} {{ ")) + string.Concat(Enumerable.Repeat("};", depth));
            var tree = new FdtReader(DeviceTreeCompiler.Compile($"/dts-v1/; / {{ {inner} }};"));
            int nodes = 0;
            while (tree.NextNode()) Assert.Equal(nodes++, tree.Depth);
            if (!tree.IsDamaged) deepest = depth;
            Assert.Equal(tree.IsDamaged ? deepest + 1 : depth + 1, nodes);
        }
        Assert.InRange(deepest, 8, 16);
    }

    private static Node Make(Random random, string name, int depth)
    {
        var node = new Node(name, random.Next(3), random.Next(3), [], []);
        bool cells = random.Next(2) == 0;
        if (cells)
        {
            node.Properties.Add(("#address-cells", [0, 0, 0, (byte)node.AddressCells]));
            node.Properties.Add(("#size-cells", [0, 0, 0, (byte)node.SizeCells]));
        }
        else
        {
            node = node with { AddressCells = 2, SizeCells = 1 };
        }
        for (int i = random.Next(5); i > 0; i--)
        {
            byte[] value = new byte[random.Next(4) == 0 ? 0 : random.Next(40)];
            random.NextBytes(value);
            node.Properties.Add(($"p{i}{new string('x', random.Next(9))}", value));
        }
        if (random.Next(2) == 0)
        {
            byte[] reg = new byte[4 * random.Next(9)];
            random.NextBytes(reg);
            node.Properties.Add(("reg", reg));
        }
        if (depth < 7)
            for (int i = random.Next(depth == 0 ? 6 : 3); i > 0; i--) node.Children.Add(Make(random, $"n{i}{new string('y', random.Next(9))}@{random.Next(99)}", depth + 1));
        return node;
    }

    private static void Write(StringBuilder source, Node node, string name)
    {
        source.Append(CultureInfo.InvariantCulture, $"{name} {{\n");
        foreach (var (property, value) in node.Properties)
            source.Append(value.Length == 0 ? $"{property};\n" : $"{property} = [{Convert.ToHexString(value)}];\n");
        foreach (var child in node.Children) Write(source, child, child.Name);
        source.Append("};\n");
    }

    private static void Compare(ref FdtReader tree, Node node, int depth, int addressCells, int sizeCells)
    {
        Assert.True(tree.NextNode());
        Assert.Equal(node.Name, Encoding.ASCII.GetString(tree.Name));
        Assert.Equal(depth, tree.Depth);
        foreach (var (name, value) in node.Properties) Assert.Equal(value, tree.Property(Encoding.ASCII.GetBytes(name)).ToArray());
        Assert.True(tree.Property("p"u8).IsEmpty);

        byte[] reg = node.Properties.FirstOrDefault(p => p.Name == "reg").Value ?? [];
        int stride = 4 * (addressCells + sizeCells);
        for (int i = 0; stride != 0 && i < 4; i++)
        {
            bool there = reg.Length >= (i + 1) * stride;
            Assert.Equal(there, tree.Reg(i, out ulong address, out ulong size));
            if (!there) continue;
            Assert.Equal(Number(reg.AsSpan(i * stride, 4 * addressCells)), address);
            Assert.Equal(Number(reg.AsSpan(i * stride + 4 * addressCells, 4 * sizeCells)), size);
        }
        foreach (var child in node.Children) Compare(ref tree, child, depth + 1, node.AddressCells, node.SizeCells);
    }

    private static ulong Number(ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        foreach (byte b in bytes) number = number << 8 | b;
        return number;
    }
}
