using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>A handset that cannot be one gets a sentence on its console, and nothing starts.</summary>
public sealed class UnfitHandsetTests
{
    private const string Fit = "virt,virtualization=on,gic-version=3";

    [Theory]
    [InlineData("virt,gic-version=3", "pocketvisor: not started at EL2; start the handset with virtualization on")]
    [InlineData("virt,virtualization=on,gic-version=2", "pocketvisor: can't start: this handset lacks a GICv3")]
    public async Task SaysWhatIsMissing(string machine, string sentence) => Assert.Equal(sentence, await FirstLineAsync(machine));

    [Fact]
    public async Task SaysThatTheDeviceTreeIsDamaged()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (var dump = Process.Start("qemu-system-aarch64", ["-M", $"{Fit},dumpdtb={path}", .. Common]))
                await dump.WaitForExitAsync();
            byte[] tree = await File.ReadAllBytesAsync(path);
            int structure = BinaryPrimitives.ReadInt32BigEndian(tree.AsSpan(8));
            tree.AsSpan(structure + 40, 4).Fill(0xFF); // no token
            await File.WriteAllBytesAsync(path, tree);
            Assert.Equal("pocketvisor: can't start: this handset lacks a device tree, or it is damaged", await FirstLineAsync(Fit, "-dtb", path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<string> Common =>
        ["-cpu", "cortex-a72", "-m", "512M", "-nodefaults", "-display", "none", "-serial", "stdio", "-kernel", SourceTree.Image];

    private static async Task<string> FirstLineAsync(string machine, params string[] more)
    {
        using var qemu = Process.Start(new ProcessStartInfo("qemu-system-aarch64", ["-M", machine, .. Common, .. more]) { RedirectStandardOutput = true });
        try
        {
            return (await qemu.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30))).TrimEnd('\r');
        }
        finally
        {
            qemu.Kill(); // halted, it would stay for ever
            await qemu.WaitForExitAsync();
        }
    }
}
