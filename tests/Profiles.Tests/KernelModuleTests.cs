using System.Diagnostics;

namespace Pocketvisor.Profiles.Tests;

/// <summary>Modules name their needs in the section .modinfo; here clang makes such files.</summary>
public sealed class KernelModuleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocket-modules-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Needs_come_first_and_once()
    {
        var modules = new Dictionary<string, byte[]>
        {
            ["virtio"] = Module(""),
            ["virtio_ring"] = Module("virtio"),
            ["virtio_mmio"] = Module("virtio,virtio-ring"),
            ["virtio_rng"] = Module("virtio_ring,built_in"),
        };

        var order = KernelModule.InLoadOrder(["virtio-rng", "virtio_mmio"], name => modules.GetValueOrDefault(name));

        Assert.Equal(["virtio", "virtio_ring", "virtio_rng", "virtio_mmio"], order.Select(module => module.Name));
    }

    [Fact]
    public void A_damaged_file_is_refused_and_nothing_else_happens()
    {
        var module = Module("a");
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var damaged = (byte[])module.Clone();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            var length = random.Next(damaged.Length + 1);
            try
            {
                KernelModule.Dependencies(damaged.AsSpan(0, length));
            }
            catch (InvalidDataException)
            {
                // The only exception that may come.
            }
        }
    }

    private byte[] Module(string depends)
    {
        var source = Path.Combine(_folder.FullName, "m.S");
        File.WriteAllText(source, $".section .modinfo,\"a\"\n.asciz \"license=GPL\"\n.asciz \"depends={depends}\"\n.asciz \"name=m\"\n");
        using var clang = Process.Start("clang", ["--target=aarch64-none-elf", "-c", source, "-o", source + ".o"]);
        clang.WaitForExit();
        Assert.Equal(0, clang.ExitCode);
        return File.ReadAllBytes(source + ".o");
    }
}
