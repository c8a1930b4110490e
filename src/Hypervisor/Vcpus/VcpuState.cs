namespace Pocketvisor.Hypervisor.Vcpus;

/// <summary>
/// <code>
///         CPU_ON, VcpuStart          VcpuRun
///   Off ───────────────────▶ Ready ─────────▶ Running ──▶ Off (CPU_OFF, SYSTEM_OFF, fault)
///                              ▲  ◀───────────  │
///                   interrupt  │   exit         │ WFI, nothing pending
///                              └── Waiting ◀────┘
/// </code>
/// </summary>
internal enum VcpuState : byte
{
    Off,
    Ready,
    Running,
    Waiting,
}
