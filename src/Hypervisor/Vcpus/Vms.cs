using System.Runtime.CompilerServices;
using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Vcpus;

internal enum VmState : byte
{
    Free,   // no control memory: PhysicalMemory.Vm is not there
    Alive,
    Ending, // its pages are being taken back; nothing of it runs again
}

[InlineArray(VmControl.MaxVms)]
internal struct VmStates { private VmState _first; }

internal static class Vms
{
    public static VmStates State;
}
