namespace Pocketvisor.Fuzz;

/// <summary>What can be fuzzed. The command line compiles this file, too, so that it knows the targets before the fuzzer is built.</summary>
public static class TargetNames
{
    public const string DeviceTree = "device-tree", Manifest = "manifest", Cpio = "cpio", ExFat = "exfat", Block = "block", Network = "network",
        Console = "console", Entropy = "entropy", LinkKeeper = "link-keeper", LinkPc = "link-pc", Hypercalls = "hypercalls";

    /// <summary>All of them, each with who sends what to whom.</summary>
    public static readonly (string Name, string Summary)[] All =
    [
        (DeviceTree, "the boot loader's device tree, read by the keeper"),
        (Manifest, "profile.json, read by the PC and by the keeper"),
        (Cpio, "a boot medium, read by the PC and by the keeper"),
        (ExFat, "a damaged exFAT volume, read and written"),
        (Block, "a guest's requests to its disk"),
        (Network, "a guest's requests to its network device, and frames from outside"),
        (Console, "a guest's requests to its consoles, and what is typed"),
        (Entropy, "a guest's requests for random bytes"),
        (LinkKeeper, "what a PC sends to the keeper"),
        (LinkPc, "what a keeper sends to the PC"),
        (Hypercalls, "calls of the keeper to the hypervisor, and traps of guests"),
    ];
}
