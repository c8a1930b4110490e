using Pocketvisor.Link;

namespace Pocketvisor.Handsets;

/// <summary>A profile at one moment.</summary>
/// <param name="Index">Its number on the handset.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Cores">Its virtual cores.</param>
/// <param name="Weight">Its share, relative to the others'.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="CpuTime">How long its virtual cores ran, in sum, since it started.</param>
/// <param name="Exits">How often it left for the hypervisor since it started.</param>
/// <param name="Uptime">How long ago its machine was made: what its own clock says, within microseconds.</param>
public sealed record ProfileStatus(
    int Index, string Name, LinkProfileState State, int Cores, int Weight, ulong MemoryBytes, TimeSpan CpuTime, ulong Exits, TimeSpan Uptime);
