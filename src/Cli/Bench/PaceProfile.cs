using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>The guest of <c>bench/Pace</c> as a profile.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Work">What it shall do.</param>
public sealed record PaceProfile(string Name, PaceWork Work)
{
    /// <summary>The least that a profile can have.</summary>
    public MemorySize Memory { get; init; } = new(MemorySize.Step);

    /// <summary>Its share of its core.</summary>
    public int Weight { get; init; } = 100;

    /// <summary>Whether it starts with the handset.</summary>
    public bool Autostart { get; init; } = true;

    /// <summary>As the handset reads it.</summary>
    public ProfileManifest Manifest => new()
    {
        Name = Name,
        Memory = Memory,
        Kernel = "pace.bin",
        CommandLine = Work.CommandLine,
        Weight = Weight,
        Autostart = Autostart,
        Network = Network.None,
    };
}
