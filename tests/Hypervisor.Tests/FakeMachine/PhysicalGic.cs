using System.Collections.Generic;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>The handset's interrupt controller: writes down what it is told.</summary>
internal static class PhysicalGic
{
    public const int KickSgi = 0, Maintenance = 25, WatchdogTimer = 26;

    public static List<uint> Kicks { get; } = [];

    public static List<(uint Core, uint IntId, uint Bits, bool Enabled)> Switches { get; } = [];

    public static Dictionary<uint, uint> Routes { get; } = [];

    /// <summary>Redistributors that are awake.</summary>
    public static List<ulong> Awake { get; } = [];

    public static void InitialiseCore(ulong frame) => Awake.Add(frame);

    public static void Reset()
    {
        Awake.Clear();
        Kicks.Clear();
        Switches.Clear();
        Routes.Clear();
    }

    public static void Kick(uint core) => Kicks.Add(core);

    public static void SetEnabled(uint core, uint intId, uint bits, bool enabled)
    {
        // The real one stores a word at IsEnable + intId / 8.
        if (intId % 32 != 0) throw new HandsetOffException($"unaligned store to the distributor, for interrupt {intId}");
        Switches.Add((core, intId, bits, enabled));
    }

    public static void Route(uint intId, uint core) => Routes[intId] = core;
}
