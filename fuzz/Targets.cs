using System;
using System.Collections.Generic;
using Pocketvisor.Fuzz.Devices;
using Pocketvisor.Fuzz.DeviceTrees;
using Pocketvisor.Fuzz.Flash;
using Pocketvisor.Fuzz.Hypercalls;
using Pocketvisor.Fuzz.Link;
using Pocketvisor.Fuzz.Profiles;

namespace Pocketvisor.Fuzz;

/// <summary>The targets by name.</summary>
public static class Targets
{
    private static readonly Dictionary<string, Func<IFuzzTarget>> s_all = new()
    {
        [TargetNames.DeviceTree] = () => new DeviceTreeTarget(),
        [TargetNames.Manifest] = () => new ManifestTarget(),
        [TargetNames.Cpio] = () => new CpioTarget(),
        [TargetNames.ExFat] = () => new ExFatTarget(),
        [TargetNames.Block] = () => new BlockTarget(),
        [TargetNames.Network] = () => new NetworkTarget(),
        [TargetNames.Console] = () => new ConsoleTarget(),
        [TargetNames.Entropy] = () => new EntropyTarget(),
        [TargetNames.LinkKeeper] = () => new LinkKeeperTarget(),
        [TargetNames.LinkPc] = () => new LinkPcTarget(),
        [TargetNames.Hypercalls] = () => new HypercallTarget(),
    };

    public static IEnumerable<string> Names => s_all.Keys;

    public static IFuzzTarget Create(string name) => s_all[name]();
}
