using Pocketvisor.Abi;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// Where a guest's memory holds what at its start (guest addresses):
/// <code>
///   0x4000_0000 + text offset                                         end of memory
///   │ kernel, with the memory that it needs │ … free … │ initrd │ device tree │
/// </code>
/// The tree is at the end so that kernel and initrd need not know its size.
/// </summary>
public readonly struct GuestLayout
{
    /// <summary>Bytes kept for the device tree. Page-aligned and in one piece, so that it never crosses a 2 MB boundary, as Linux demands.</summary>
    public const ulong TreeSize = 0x4000;

    private const ulong PageSize = 4096;

    private GuestLayout(ulong kernel, ulong initrd, ulong tree)
    {
        Kernel = kernel;
        Initrd = initrd;
        Tree = tree;
    }

    public ulong Kernel { get; }
    public ulong Initrd { get; }
    public ulong Tree { get; }

    /// <summary>False if the memory is too small.</summary>
    public static bool TryMake(ulong memory, KernelImage kernel, ulong initrdSize, out GuestLayout layout)
    {
        layout = default;
        if (kernel.TextOffset > memory || kernel.Size > memory || initrdSize > memory) return false;
        ulong kernelEnd = kernel.TextOffset + kernel.Size;
        ulong needed = kernelEnd + PageUp(initrdSize) + TreeSize + PageSize;
        if (needed > memory) return false;
        ulong tree = VirtualHandset.Ram + memory - TreeSize;
        layout = new GuestLayout(VirtualHandset.Ram + kernel.TextOffset, tree - PageUp(initrdSize), tree);
        return true;
    }

    private static ulong PageUp(ulong size) => (size + PageSize - 1) & ~(PageSize - 1);
}
