using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Scheduling;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// When a profile starts again that failed: after 1 second, then after 2, 4 and 8, so that one that fails at once costs its neighbours
/// little. The fifth failure in a row is the last. Who has run for ten minutes begins anew.
/// </summary>
/// <remarks>Time is in ticks of any clock. Only the supervisor's core uses it.</remarks>
public sealed class RestartPolicy
{
    public const int MaxFailures = 5;
    private const ulong ForgivenSeconds = 600;

    private readonly ulong _second;
    private ulong _startedAt = Schedulable.Never;
    private int _failures; // in a row

    /// <param name="second">Ticks in a second.</param>
    public RestartPolicy(ulong second) => _second = second;

    /// <summary>When the profile shall start; <see cref="Schedulable.Never"/> if it shall not.</summary>
    public ulong Due { get; private set; } = Schedulable.Never;

    /// <summary>It runs.</summary>
    public void Started(ulong now)
    {
        _startedAt = now;
        Due = Schedulable.Never;
    }

    /// <summary>It failed, after a start or already while it started.</summary>
    /// <param name="sentence">Gets what comes next, for the user.</param>
    /// <returns>True if it shall start again, at <see cref="Due"/>.</returns>
    public bool Failed(ulong now, Text sentence)
    {
        if (_startedAt != Schedulable.Never && now - _startedAt >= ForgivenSeconds * _second) _failures = 0;
        _startedAt = Schedulable.Never;
        if (++_failures >= MaxFailures)
        {
            Forget();
            sentence.Add("failed "u8).Add(MaxFailures).Add(" times in a row and stays off"u8);
            return false;
        }
        ulong pause = 1UL << (_failures - 1);
        Due = now + pause * _second;
        sentence.Add("starts again in "u8).Add(pause).Add(" s"u8);
        return true;
    }

    /// <summary>The user starts or stops it, or it went off by itself, or the slot gets another profile: nothing is held against it.</summary>
    public void Forget()
    {
        _failures = 0;
        _startedAt = Due = Schedulable.Never;
    }
}
