using System.Collections.Generic;

namespace Pocketvisor.Handsets.Tests;

/// <summary>How an attack goes.</summary>
public enum AttackKind
{
    /// <summary>A bare guest that is stopped for what it does.</summary>
    IsStopped,

    /// <summary>A bare guest that counts what is refused, and turns itself off.</summary>
    Ends,

    /// <summary>A guest that never ends by itself: bare, or a Linux that is kept busy.</summary>
    GoesOn,

    /// <summary>Commands in the shell of *work*, a Linux.</summary>
    Commands,

    /// <summary>The same, and *work* doesn't outlive it.</summary>
    EndsThePhone,
}

/// <summary>Something that a profile does to others.</summary>
/// <param name="Name">A word for the test's name.</param>
/// <param name="Threat">Which of docs/security.md, as in T1.</param>
/// <param name="Attempt">What it tries, for the table there.</param>
/// <param name="Kind">How it goes.</param>
/// <param name="Refusal">What comes of it, for the table. {0} is what the attacker counted.</param>
public sealed record Attack(string Name, string Threat, string Attempt, AttackKind Kind, string Refusal)
{
    /// <summary>The bare guest, of tests/Guests.</summary>
    public string Guest { get; init; }

    /// <summary>Its command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Its vCPUs.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>What it says when it is at it, or at its end.</summary>
    public string Sign { get; init; } = "";

    /// <summary>What it must not say.</summary>
    public string Alarm { get; init; } = "not stopped";

    /// <summary>Whether it has a disk, as *work* does.</summary>
    public bool HasDisk { get; init; }

    /// <summary>What is typed in the shell of *work*. Each must succeed, so that something was tried; the last of one that goes on never returns.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Whether some of its frames do leave the handset, so that others would.</summary>
    public bool IsHeardOutside { get; init; }

    public bool IsBare => Guest is not null;

    public override string ToString() => Name;
}

/// <summary>What came of an attack.</summary>
/// <param name="Refusal">How it was refused.</param>
/// <param name="Neighbour">How *personal* was afterwards.</param>
public sealed record Outcome(string Refusal, string Neighbour);
