using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.DeviceTree;

/// <summary>The device-tree compiler and its companions (Debian's device-tree-compiler), and QEMU's own tree.</summary>
internal static class DeviceTreeCompiler
{
    /// <summary>A device tree from its source.</summary>
    public static byte[] Compile(string source)
    {
        string folder = Directory.CreateTempSubdirectory("pocket-dtc-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a.dts"), source);
            Run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", Path.Combine(folder, "a.dtb"), Path.Combine(folder, "a.dts"));
            return File.ReadAllBytes(Path.Combine(folder, "a.dtb"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The tree of the emulated handset.</summary>
    public static void DumpHandset(string file, int cores) => Run(
        "qemu-system-aarch64", "-M", $"virt,virtualization=on,gic-version=3,dumpdtb={file}", "-cpu", "cortex-a72", "-smp", $"{cores}", "-m", "2G", "-nic", "none", "-display", "none");

    public static string[] Subnodes(string file, string path) => Lines(Run("fdtget", "-l", file, path));

    public static string[] Properties(string file, string path) => Lines(Run("fdtget", "-p", file, path));

    /// <summary>The bytes of properties of a node, in the order asked.</summary>
    public static byte[][] Values(string file, string path, IReadOnlyList<string> properties)
    {
        if (properties.Count == 0) return [];
        string[] arguments = ["-t", "bx", file, .. properties.SelectMany(p => new[] { path, p })];
        string[] lines = Run("fdtget", arguments).Split('\n');
        return [.. lines.Take(properties.Count).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(b => Convert.ToByte(b, 16)).ToArray())];
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true });
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }
}
