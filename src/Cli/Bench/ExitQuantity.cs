namespace Pocketvisor.Cli.Bench;

/// <summary>Something that a guest pays for, in instructions, and what was promised.</summary>
/// <param name="Key">What the guest calls it.</param>
/// <param name="Name">What to call it.</param>
/// <param name="Promise">Fewer than these are promised; null for no promise.</param>
/// <param name="Wanted">Fewer than these are wanted.</param>
/// <param name="Peer">The best peer's figure that was once measured (docs/benchmarks.md, "Peers").</param>
/// <param name="IsExact">Whether every run has the same figure. Two cores take turns, and where the turns end is chance.</param>
public sealed record ExitQuantity(string Key, string Name, int? Promise = null, int? Wanted = null, string Peer = "", bool IsExact = true)
{
    /// <summary>The one that is not measured but follows from what two guests see of each other.</summary>
    public const string Switch = "switch";

    /// <summary>All, in the order in which they are shown.</summary>
    public static readonly IReadOnlyList<ExitQuantity> All =
    [
        new("hypercall", "hypercall, there and back", 200, 100, "Xen 471, KVM 1,496"),
        new("distributor-read", "distributor: read GICD_TYPER", 300, 200, "Xen 599, KVM 2,290"),
        new("distributor-enable-read", "distributor: read GICD_ISENABLER", 300, 200),
        new("distributor-enable-write", "distributor: write GICD_ISENABLER"),
        new("clock-read", "device register: PL031", 2000, 800, "KVM 6,279"),
        new("uart-read", "device register: PL011", 2000, 800, "Xen 623 (at EL2)"),
        new("virtio-read", "device register: virtio-mmio", 2000, 800, "KVM 6,279"),
        new("timer", "virtual timer to the handler", 600, 250, "Xen 1,086"),
        new("self-sgi", "SGI to itself, to the handler", 600, 250, "Xen 1,099"),
        new("eoi", "end of interrupt", Peer: "KVM 21"),
        new("sleep", "wake-up from WFI, lateness", 2000, 1000, "Xen 4,206"),
        new("ipi", "IPI to a busy vCPU, both cores", Peer: "KVM 5,658", IsExact: false),
        new("ipi-sleeping", "IPI to a sleeping vCPU, both cores", IsExact: false),
        new(Switch, "switch to another profile's vCPU"),
        new("first-touch", "first touch of a page"),
    ];
}
