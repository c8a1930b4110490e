using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>A Linux that QEMU runs without Pocketvisor, on hardware like a profile's.</summary>
public sealed record BareLinuxOptions
{
    /// <summary>Path of the kernel.</summary>
    public required string Kernel { get; init; }

    /// <summary>Path of the initrd.</summary>
    public required string Initrd { get; init; }

    /// <summary>Added to the kernel's command line, as in <c>root=/dev/vda</c>.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>The host name, which a diskless system says when its shell is ready.</summary>
    public string Name { get; init; } = "bare";

    /// <summary>Its cores.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>Its memory.</summary>
    public MemorySize Memory { get; init; } = new(512 << 20);

    /// <summary>Paths of its disks, vda first.</summary>
    public IReadOnlyList<string> Disks { get; init; } = [];

    /// <summary>A part of a file as its last disk, whether or not someone else has the file open; null for none.</summary>
    public FileSlice? Slice { get; init; }

    /// <summary>What its network card is connected to, as QEMU's <c>-netdev</c> takes it, with the id "net"; null for no card.</summary>
    public string? Network { get; init; }
}
