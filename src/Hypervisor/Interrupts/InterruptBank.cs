using System.Runtime.CompilerServices;

namespace Pocketvisor.Hypervisor.Interrupts;

[InlineArray(32)]
internal struct ByteOfEach { private byte _first; }

/// <summary>
/// Virtual interrupts 32n to 32n + 31: one bit each. SGIs are edges; everything else a device of the keeper's, whose line is a
/// level, or a physical interrupt that is passed on, which is latched here.
/// </summary>
internal struct InterruptBank
{
    public uint Group;   // 1: group 1, an IRQ; 0: group 0, an FIQ
    public uint Enabled;
    public uint Latched; // an SGI, a physical interrupt, or a write to ISPENDR
    public uint Level;   // state of the line
    public uint Listed;  // in a list register of the vCPU that it was given to
    public uint Active;  // as far as the list registers were last looked at

    public ByteOfEach Priorities;
    public ByteOfEach Targets; // the vCPU that it is routed to; only shared ones are asked

    /// <summary>Enabled, raised and not yet given to a vCPU.</summary>
    public readonly uint Raised
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Latched | Level) & Enabled & ~Listed;
    }

    /// <summary>Those that are in one of the groups: [1] group 1, [0] group 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint OfGroups(uint groups) => ((groups & 2) != 0 ? Group : 0) | ((groups & 1) != 0 ? ~Group : 0);
}
