namespace Pocketvisor.Hypervisor.Memory;

/// <summary>What can happen to a page. The policy is <see cref="OwnerTable.Next"/>.</summary>
internal enum PageEvent
{
    /// <summary>The keeper gives it to the hypervisor for a VM's control structures.</summary>
    Donate,

    /// <summary>The hypervisor gives it back, zeroed.</summary>
    Return,

    /// <summary>The keeper lets a VM use it too.</summary>
    Lend,

    /// <summary>The keeper takes it back from an ended VM, zeroed.</summary>
    Reclaim,
}
