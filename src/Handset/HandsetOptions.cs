using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>What handset to emulate, and what it boots.</summary>
public sealed record HandsetOptions
{
    /// <summary>Path of <c>pocketvisor.bin</c>.</summary>
    public required string Image { get; init; }

    /// <summary>Path of the flash: an exFAT volume in a file, with a folder for each profile. Null: the handset has none.</summary>
    public string? Flash { get; init; }

    /// <summary>What the handset's network card is connected to, as QEMU's <c>-netdev</c> takes it, with the id "net"; null for no card.</summary>
    public string? Network { get; init; } = "user,id=net";

    /// <summary>Profiles from folders, packed into a boot medium in memory: for tests that need no flash.</summary>
    public IReadOnlyList<Profile> Profiles { get; init; } = [];

    /// <summary>More entries for the boot medium: guests that a test makes in memory (see <see cref="Pocketvisor.Profiles.BootMedium.Entries"/>).</summary>
    public IReadOnlyList<CpioEntry> BootMedium { get; init; } = [];

    /// <summary>Cores of the handset, 1 to 8.</summary>
    public int Cores { get; init; } = 4;

    /// <summary>Version of the handset's interrupt controller.</summary>
    public int Gic { get; init; } = 3;

    /// <summary>Memory of the handset.</summary>
    public MemorySize Memory { get; init; } = new(2L << 30);

    /// <summary>
    /// Null: the clock is the PC's. Else QEMU's clock counts instructions, each of 2^n ns, so that what guests measure is the same on every
    /// machine (<c>-icount shift=n,sleep=off</c>). All cores then share one thread.
    /// </summary>
    public int? InstructionShift { get; init; }

    /// <summary>Where gdb may connect, as QEMU's <c>-gdb</c> takes it (<c>tcp::1234</c>); null for nowhere.</summary>
    public string? Gdb { get; init; }

    /// <summary>Further arguments for QEMU.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>How long the keeper may take from power-on to its first word on the link.</summary>
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
