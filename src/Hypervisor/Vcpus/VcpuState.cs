namespace Pocketvisor.Hypervisor.Vcpus;

/// <summary>
/// <code>
///         VcpuStart          VcpuRun
///   Off ────────────▶ Ready ─────────▶ Running
///     ◀────────────     ▲  ◀───────────  │
///         VcpuStop      │      exit      │ WFI, nothing pending
///                       └── Waiting ◀────┘
///                 interrupt
/// </code>
/// </summary>
internal enum VcpuState : byte
{
    Off,
    Ready,
    Running,
    Waiting,
}
