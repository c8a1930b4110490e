using System.Threading;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Scheduling;

/// <summary>
/// A core that no longer comes to its loop is a broken invariant, whichever it is: an endless loop, a lock that nobody releases. While profiles run,
/// core 0 asks all cores every two seconds (<see cref="Core.RequestSample"/>) to give the hypervisor a sign of life, which restarts the handset when it gets none.
/// </summary>
/// <remarks>
/// Who waits for the handset's flash beats while it waits. Who waits for a lock doesn't; the flash's patience, ten seconds, is shorter than the hypervisor's, so that a flash
/// that stops answering is not taken for this.
/// </remarks>
public static class Heartbeat
{
    public const ulong PeriodSeconds = 2;

    // The others are asked by core 0: if that is the one that hangs, it shall be the one that is reported.
    private const uint FirstPatienceSeconds = 16, OtherPatienceSeconds = 20;

    private static int s_isExpected;

    /// <summary>Whether core 0 asks at all: not while no profile runs.</summary>
    public static bool IsExpected
    {
        get => Volatile.Read(ref s_isExpected) != 0;
        set => Volatile.Write(ref s_isExpected, value ? 1 : 0);
    }

    /// <summary>This core lives.</summary>
    public static void Beat() => Hypercall.Watchdog(!IsExpected ? 0 : Cpu.Index == 0 ? FirstPatienceSeconds : OtherPatienceSeconds);
}
