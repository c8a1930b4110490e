using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>Debian's kernel with the lab's tools (see LabGuest), as a reference: on QEMU alone.</summary>
internal static class Lab
{
    /// <summary>Debian's kernel.</summary>
    public static string Kernel => Guest("debian/vmlinuz");

    /// <summary>The initrd with tools for ext4 and exFAT, and iperf3.</summary>
    public static string Initrd => Guest("lab/initrd.img");

    /// <summary>The initrd that has fio too.</summary>
    public static string BenchInitrd => Guest("lab/bench.img");

    /// <summary>Starts it without Pocketvisor, and waits for its shell.</summary>
    /// <param name="disks">Paths of its disks, vda first.</param>
    public static async Task<BareLinux> StartAsync(params string[] disks)
    {
        var linux = await BareLinux.StartAsync(new BareLinuxOptions { Kernel = Kernel, Initrd = Initrd, Name = "lab", Cores = 2, Memory = new MemorySize(512 << 20), Disks = disks });
        await linux.Console.WaitForAsync("pocket: lab ready", Boots.Patience);
        return linux;
    }

    /// <summary>What a command prints; it must succeed.</summary>
    public static async Task<string> AskAsync(this BareLinux linux, string command, TimeSpan? timeout = null)
    {
        var result = await linux.Console.RunAsync(command, timeout ?? Boots.Patience);
        Assert.True(result.ExitCode == 0, $"{command}: {result.ExitCode}: {result.Output}");
        return result.Output;
    }

    /// <summary>Turns it off by its own command: what it wrote is on its disks.</summary>
    public static async Task PowerOffAsync(this BareLinux linux)
    {
        await linux.Console.TypeAsync("poweroff\n");
        await linux.Off.WaitAsync(Boots.Patience);
    }

    /// <summary>The digests of all files below a folder, by path.</summary>
    public static async Task<Dictionary<string, string>> DigestsAsync(this BareLinux linux, string folder)
    {
        // In pieces: QEMU's console port drops what the PC does not read in time.
        const int piece = 2000;
        await linux.AskAsync($"(cd {folder} && find . -type f -exec sha256sum '{{}}' +) >/tmp/digests");
        var bytes = new List<byte>();
        int length = int.Parse(await linux.AskAsync("wc -c </tmp/digests"), System.Globalization.CultureInfo.InvariantCulture);
        for (int at = 0; at < length; at += piece)
            bytes.AddRange(Convert.FromHexString(await linux.AskAsync($"tail -c +{at + 1} /tmp/digests | head -c {piece} | hexdump -v -e '1/1 \"%02x\"'")));
        Assert.Equal(length, bytes.Count);
        string said = Encoding.UTF8.GetString([.. bytes]);
        return said.Split('\n').Where(line => line.Length > 0).ToDictionary(line => line[(64 + "  ./".Length)..], line => line[..64]);
    }

    /// <summary>A name for the guest's shell, whose line editor knows no UTF-8. Its lines end at 1,023 bytes, so a long name must be one letter again and again.</summary>
    public static string Quote(string name) => name.Length < 64 ? $"\"$(printf '{Octal(name)}')\"" : $"\"$(printf %0{name.Length}d 0 | sed \"s/0/$(printf '{Octal(name[..1])}')/g\")\"";

    private static string Octal(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"\\{(b >> 6) & 7}{(b >> 3) & 7}{b & 7}"));

    private static string Guest(string file)
    {
        string path = Path.Combine(SourceTree.Root, ".pocket", "guests", file);
        Assert.True(File.Exists(path), $"{path} is not there: ./pocket test prepares it.");
        return path;
    }
}
