using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>A machine that QEMU runs without Pocketvisor, whose clock counts instructions.</summary>
public sealed record BareMachineOptions
{
    /// <summary>Path of what it boots.</summary>
    public required string Kernel { get; init; }

    /// <summary>Path of the initrd; null for none.</summary>
    public string? Initrd { get; init; }

    /// <summary>The kernel's command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Path of the device tree; null for QEMU's own. QEMU adds memory, command line, initrd and seeds to it.</summary>
    public string? DeviceTree { get; init; }

    /// <summary>Whether the kernel starts at EL2, as other hypervisors want it.</summary>
    public bool HasEl2 { get; init; }

    /// <summary>Its cores.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>Its memory.</summary>
    public MemorySize Memory { get; init; } = new(512 << 20);

    /// <summary>Each instruction takes 2^n ns (<c>-icount shift=n,sleep=off</c>).</summary>
    public int InstructionShift { get; init; } = 1;

    /// <summary>Further arguments for QEMU.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}
