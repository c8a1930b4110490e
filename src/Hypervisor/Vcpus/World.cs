using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Vcpus;

/// <summary>A core goes from the keeper to a guest and back.</summary>
internal static class World
{
    private const ulong CptrGuest = 0x33FF;               // RES1, and SVE traps: ID registers say that there is none
    private const ulong CptrKeeper = CptrGuest | 1 << 10; // TFP: vector registers trap, because they still hold the guest's

    /// <summary>The keeper's trap will return into the guest.</summary>
    public static void Enter(ref Vcpu keeper, ref Vcpu guest)
    {
        guest.State = VcpuState.Running;
        guest.Core = keeper.Index;
        guest.WaitedTicks = 0;
        Cpu.SaveWorld(ref keeper);
        Load(ref guest, CptrGuest);
        ref Core core = ref Cores.At(guest.Core);
        if (core.VectorsOf == guest.Name && guest.VectorCore == guest.Core) return;
        Cpu.LoadVectors(ref guest);
        core.VectorsOf = guest.Name;
        guest.VectorCore = guest.Core;
    }

    /// <summary>The guest's trap will return into the keeper, whose VcpuRun tells why. The guest can go on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Leave(ref Vcpu guest, ExitReason reason, ulong a = 0, ulong b = 0, ulong c = 0)
    {
        Save(ref guest);
        guest.State = VcpuState.Ready;
        ReturnToKeeper(ref guest, reason, a, b, c);
    }

    /// <summary>First half of Leave, for who needs to look at the guest as it stands still.</summary>
    public static void Save(ref Vcpu guest)
    {
        Cpu.SaveWorld(ref guest);
        Cpu.SaveVectors(ref guest);
        Vgic.Collect(ref guest);
        // The physical timer interrupt belongs to whoever runs. It is a level: dropped here, it comes back by itself once the timer
        // is loaded again. If the guest is handling it (active), it stays in the list register, and its EOI does no harm.
        if (((guest.Private.Listed | guest.Private.Latched) & Vgic.TimerBit) == 0) return;
        Cpu.SetIccDirEl1(VirtualHandset.VirtualTimerInterrupt);
        guest.Private.Latched = guest.Private.Latched & ~Vgic.TimerBit;
    }

    /// <summary>After Save: it does not leave after all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Continue(ref Vcpu guest) => Load(ref guest, CptrGuest);

    /// <summary>Second half of Leave.</summary>
    public static void ReturnToKeeper(ref Vcpu guest, ExitReason reason, ulong a = 0, ulong b = 0, ulong c = 0)
    {
        ref Vcpu keeper = ref PhysicalMemory.Vcpu(VmControl.Keeper, guest.Core);
        Vgic.Collect(ref keeper);
        Vgic.Fill(ref keeper);
        Load(ref keeper, CptrKeeper);
        keeper.X[0] = (ulong)HvcStatus.Success;
        keeper.X[1] = (ulong)reason;
        keeper.X[2] = a;
        keeper.X[3] = b;
        keeper.X[4] = c;
        keeper.X[5] = guest.WaitedTicks;
    }

    /// <summary>The keeper touched a vector register. The guest's are saved; from here on the core holds nobody's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LendVectors(ref Vcpu keeper)
    {
        Cores.At(keeper.Core).VectorsOf = 0;
        Cpu.SetCptrEl2(CptrGuest);
    }

    private static void Load(ref Vcpu vcpu, ulong cptr)
    {
        Cpu.LoadWorld(ref vcpu);
        Cpu.SetCptrEl2(cptr);
    }
}
