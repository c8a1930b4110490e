namespace Pocketvisor.Cli.Bench;

/// <summary>Where a guest runs.</summary>
public enum BenchSide
{
    /// <summary>On QEMU alone.</summary>
    Bare,

    /// <summary>As a profile on Pocketvisor, on QEMU.</summary>
    Profile,
}
