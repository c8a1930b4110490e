namespace Pocketvisor.Cli.Bench.Report;

/// <summary>
/// Peers' figures that were measured once, on the same emulator with the same settings (docs/benchmarks.md, "Peers"), and are not
/// measured again by every <c>pocket bench</c>.
/// </summary>
internal static class Peers
{
    /// <summary>A cost in instructions, by <see cref="ExitQuantity.Key"/>.</summary>
    public static readonly IReadOnlyDictionary<string, double> XenExits = new Dictionary<string, double>
    {
        ["hypercall"] = 471,
        ["distributor-read"] = 599,
        ["uart-read"] = 623,
        ["timer"] = 1086,
        ["self-sgi"] = 1099,
        ["sleep"] = 4206,
    };

    /// <summary>The same of KVM without VHE; the device register is emulated outside the kernel.</summary>
    public static readonly IReadOnlyDictionary<string, double> KvmExits = new Dictionary<string, double>
    {
        ["hypercall"] = 1496,
        ["distributor-read"] = 2290,
        ["virtio-read"] = 6279,
        ["ipi"] = 5658,
        ["eoi"] = 21,
    };

    /// <summary>The tax on each kind of work in the order of the benchmark, then in sum: 0.01 is one percent. Without mitigations on both sides.</summary>
    public static readonly IReadOnlyList<double> XenTax = [0.0011, 0.0011, 0.0010, 0.0010, 0.0017, 0.0014, 0.0006, 0.0068, 0.0016];

    /// <summary>The same of KVM with kvmtool.</summary>
    public static readonly IReadOnlyList<double> KvmTax = [0.0041, 0.0041, 0.0041, 0.0041, 0.0021, 0.0016, 0.052, 0.012, 0.0057];

    /// <summary>The same of Bao, which passes timer and UART through.</summary>
    public static readonly IReadOnlyList<double> BaoTax = [0.00005, 0.0001, 0.00008, 0.00009, 0.00015, -0.0003, -0.0004, 0.0002, 0.00012];

    /// <summary>Instructions from power-on to the first of a guest with 512 MB.</summary>
    public const double XenBoot = 124e6, BaoBoot = 41.7e6;

    /// <summary>A peer's tax in a row; null if the benchmark has other kinds of work than the peer was measured with.</summary>
    public static double? Tax(IReadOnlyList<double> peer, int row, int rows) => rows == peer.Count ? peer[row] : null;
}
