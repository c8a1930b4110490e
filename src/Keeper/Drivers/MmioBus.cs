namespace Pocketvisor.Keeper.Drivers;

/// <summary>The registers of one real device. Each call is exactly one access, in program order.</summary>
public abstract class MmioBus
{
    public abstract uint Read32(uint offset);

    public abstract void Write32(uint offset, uint value);
}
