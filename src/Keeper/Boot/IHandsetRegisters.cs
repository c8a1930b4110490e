namespace Pocketvisor.Keeper.Boot;

/// <summary>Registers of the handset's devices, by physical address. Tests have others.</summary>
public interface IHandsetRegisters
{
    static abstract uint Read32(ulong address);
    static abstract void Write32(ulong address, uint value);
}
