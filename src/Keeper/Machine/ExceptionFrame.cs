using System.Runtime.CompilerServices;

namespace Pocketvisor.Keeper.Machine;

/// <summary>What exceptions.S stores of a core that took an exception in the keeper.</summary>
public struct ExceptionFrame
{
    public GeneralRegisters X;
    public ulong Sp, Elr, Spsr, Esr, Far;

    /// <summary>Number of the vector: 0 to 3 with SP_EL0, 4 to 7 with SP_EL1 (synchronous, IRQ, FIQ, SError), then from EL0.</summary>
    public ulong Vector;

    [InlineArray(31)]
    public struct GeneralRegisters
    {
        private ulong _x0;
    }
}
