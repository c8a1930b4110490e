namespace Pocketvisor.Hypervisor.Memory;

/// <summary>
/// Attributes of stage-2 entries (Arm ARM, "Stage 2 memory attributes").
/// <code>[54:53] XN │ [10] AF │ [9:8] SH │ [7:6] S2AP │ [5:2] MemAttr</code>
/// </summary>
internal static class Stage2
{
    private const ulong AccessFlag = 1ul << 10, ReadOnly = 1ul << 6, ReadWrite = 3ul << 6, InnerShareable = 3ul << 8, ExecuteNever = 2ul << 53;

    /// <summary>Memory: write-back, read, write, execute. Guests decide about the rest in their stage 1.</summary>
    public const ulong Memory = AccessFlag | ReadWrite | InnerShareable | 0xFul << 2;

    /// <summary>Memory that is read only, and never executed.</summary>
    public const ulong ReadOnlyData = AccessFlag | ReadOnly | InnerShareable | ExecuteNever | 0xFul << 2;

    /// <summary>Device-nGnRE, never executed.</summary>
    public const ulong Device = AccessFlag | ReadWrite | ExecuteNever | 1ul << 2;
}
