using System;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Keeper.Machine;

/// <summary>Pages of the keeper that it shares with a device of the handset.</summary>
public sealed class SharedPages : GuestMemory
{
    private SharedPages(ulong address, ulong size) : base(address, size)
    {
    }

    /// <summary>Takes pages from the pool. Null if there are none.</summary>
    public static SharedPages Allocate(int bytes)
    {
        int pages = (bytes + (int)Pages.Size - 1) / (int)Pages.Size;
        ulong address = Pages.Allocate(pages);
        return address == 0 ? null : new SharedPages(address, (ulong)pages * Pages.Size);
    }

    protected override Span<byte> Window(ulong offset, int length) => Memory.At(Address + offset, length);
}
