namespace Pocketvisor.Hypervisor.Tests.Ownership;

internal enum Owner : byte
{
    Nobody,
    Keeper,
    Hypervisor,
}

/// <summary>What lies in a page, as far as it matters who has seen it.</summary>
internal enum Content : byte
{
    /// <summary>What the boot loader left.</summary>
    Junk,
    Zero,

    /// <summary>Somebody above EL2 has stored to it.</summary>
    Marked,
}

/// <summary>A page of the handset's memory: one owner, and perhaps a VM: the one that it is lent to if it is the keeper's, or that it was donated for.</summary>
internal record struct ReferencePage(Owner Owner, uint Vm, Content Content)
{
    public readonly bool IsLent => Owner == Owner.Keeper && Vm != 0;
}
