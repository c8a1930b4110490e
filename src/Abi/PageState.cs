namespace Pocketvisor.Abi;

/// <summary>To whom a page of the handset's memory belongs. Every page is in exactly one of these states.</summary>
public enum PageState : byte
{
    /// <summary>Not memory, or memory that the hypervisor does not manage.</summary>
    None = 0,

    /// <summary>The keeper's alone.</summary>
    Keeper = 1,

    /// <summary>The keeper's, lent to one VM; both can access it.</summary>
    Lent = 2,

    /// <summary>The hypervisor's: its own, or donated for a VM's control structures.</summary>
    Hypervisor = 3,
}
