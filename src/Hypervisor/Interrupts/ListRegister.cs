namespace Pocketvisor.Hypervisor.Interrupts;

/// <summary>
/// An interrupt in the hands of the virtual CPU interface. GIC architecture (IHI 0069), "ICH_LR&lt;n&gt;_EL2".
/// <code>[63] active │ [62] pending │ [61] HW │ [60] group 1 │ [55:48] priority │ [44:32] physical INTID if HW, else [41] EOI raises maintenance │ [31:0] INTID</code>
/// </summary>
internal static class ListRegister
{
    public const ulong Active = 1ul << 63;
    public const ulong Pending = 1ul << 62;
    public const ulong Hardware = 1ul << 61;
    public const ulong Group1 = 1ul << 60;

    /// <summary>Set for lines: if the line is still up when the guest ends the interrupt, it must come again.</summary>
    public const ulong MaintenanceAtEoi = 1ul << 41;
}
