namespace Pocketvisor.Abi;

/// <summary>Version of the hypercall interface. The keeper refuses to start on another.</summary>
public static class AbiVersion
{
    public const uint Current = 5;
}
