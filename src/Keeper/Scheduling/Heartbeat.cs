using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Scheduling;

/// <summary>
/// A core that no longer comes to its loop is a broken invariant, whichever it is: an endless loop, a lock that nobody releases. While profiles run,
/// core 0 asks the others every two seconds (<see cref="Core.RequestSample"/>) and looks whether they answered; the last core looks after core 0.
/// </summary>
/// <remarks>
/// Who waits for the handset's flash beats while it waits. Who waits for a lock doesn't; the flash's patience, ten seconds, is shorter than ours, so that a flash
/// that stops answering is not taken for this. A handset with one core has nobody to look after it.
/// </remarks>
public static class Heartbeat
{
    public const ulong PeriodSeconds = 2;

    private const int MostMisses = 8;

    private static uint[] s_beats;
    private static Pulse[] s_pulses;
    private static int s_isExpected;

    public static void Initialize()
    {
        s_beats = new uint[VmControl.MaxVcpus];
        s_pulses = new Pulse[VmControl.MaxVcpus];
        for (int i = 0; i < s_pulses.Length; i++) s_pulses[i] = new Pulse(MostMisses);
    }

    /// <summary>Whether core 0 beats at all: not while no profile runs.</summary>
    public static bool IsExpected
    {
        get => Volatile.Read(ref s_isExpected) != 0;
        set => Volatile.Write(ref s_isExpected, value ? 1 : 0);
    }

    /// <summary>This core lives.</summary>
    public static void Beat()
    {
        ref uint beats = ref s_beats[Cpu.Index];
        Volatile.Write(ref beats, beats + 1);
    }

    /// <summary>Looks after a core. One core looks after another, always the same.</summary>
    public static void Watch(int core)
    {
        if (!s_pulses[core].IsAlive(Volatile.Read(ref s_beats[core]))) Panic.Because("every core comes to its loop within 16 s. Not so core "u8, core);
    }

    /// <summary>Nothing was expected of it until now.</summary>
    public static void Forget(int core) => s_pulses[core].Forget();
}
