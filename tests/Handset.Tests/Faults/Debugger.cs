using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Pocketvisor.Handsets.Tests.Faults;

/// <summary>Breaks hypervisor and keeper from outside, with the emulator's debugger.</summary>
internal static class Debugger
{
    /// <summary>Nothing is there, for neither of them.</summary>
    public const ulong Nowhere = 0x10;

    /// <summary>Where QEMU puts the image.</summary>
    public const ulong Hypervisor = 0x4020_0000;

    /// <summary>The first core that comes to a function goes on elsewhere.</summary>
    /// <param name="socketPath">Where QEMU's debugger listens.</param>
    /// <param name="address">Of the function.</param>
    /// <param name="elsewhere">Where it goes on.</param>
    /// <param name="thread">Which core it has to be, from 1; 0 for any.</param>
    public static async Task DivertAsync(string socketPath, ulong address, ulong elsewhere = Nowhere, int thread = 0)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        await using var debugger = await GdbClient.ConnectAsync(socketPath, limit.Token);
        while (await debugger.RunToAsync(address, limit.Token) is var there && thread != 0 && there != thread) await debugger.StepAsync(limit.Token);
        await debugger.WriteAsync(GdbClient.Pc, elsewhere, limit.Token);
        await debugger.DetachAsync(limit.Token);
    }

    /// <summary>A symbol's address in a program of ours.</summary>
    public static ulong Symbol(string program, string name)
    {
        string line = TestFlash.Run("llvm-nm", System.IO.Path.Combine(SourceTree.Root, "artifacts", program)).Split('\n').First(line => line.EndsWith($" {name}", StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
