using Pocketvisor.Cli.Bench;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Tests;

/// <summary>How Xen is told of its guest.</summary>
public class XenPeerTests
{
    [Fact]
    public void The_guest_takes_the_place_of_what_qemu_chose()
    {
        var kernel = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(kernel, new byte[1234]);
            var tree = XenPeer.WithGuest(
                "/ { pl011@9000000 { reg = <1>; };\n\tchosen {\n\t\tstdout-path = \"x\";\n\t\trng-seed = <1 2>;\n\t};\n};",
                new BareMachineOptions { Kernel = kernel, CommandLine = "quiet tax=suite", Memory = new MemorySize(512 << 20) });
            Assert.DoesNotContain("rng-seed", tree, StringComparison.Ordinal);
            Assert.Contains("memory = <0 524288>;", tree, StringComparison.Ordinal);
            Assert.Contains("reg = <0 0x50000000 0 1234>; bootargs = \"quiet tax=suite\";", tree, StringComparison.Ordinal);
            Assert.DoesNotContain("multiboot,ramdisk", tree, StringComparison.Ordinal);
            Assert.StartsWith("/ { pl011@9000000 { reg = <1>; };", tree, StringComparison.Ordinal);
            Assert.Equal(tree.Count(c => c == '{'), tree.Count(c => c == '}'));
        }
        finally
        {
            File.Delete(kernel);
        }
    }
}
