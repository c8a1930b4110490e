using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

internal enum ReferenceVcpu : byte
{
    Off,

    /// <summary>Ready to run, or waiting for an interrupt.</summary>
    Stopped,
    Running,
}

/// <summary>A VM other than the keeper's: what is lent to it where, page by page.</summary>
internal sealed class ReferenceVm(ulong control, ulong controlPages, int vcpus)
{
    private const ulong BlockPages = 512, GigabytePages = 512 * 512;

    // Guest memory is described by tables: one for each GB, one for each 2 MB that is not lent as one block. They are never given up.
    private HashSet<(ulong Size, ulong Index)> _tables = [];
    private HashSet<ulong> _blocks = [];
    private int _tablesLeft = (int)controlPages - 3 - vcpus;

    public ulong Control { get; } = control;

    public ulong ControlPages { get; } = controlPages;

    public ReferenceVcpu[] Vcpus { get; private set; } = new ReferenceVcpu[vcpus];

    /// <summary>By number of the guest's page, the number of the handset's.</summary>
    public Dictionary<ulong, (ulong Page, bool IsReadOnly)> Memory { get; private set; } = [];

    public bool HasEnded { get; set; }

    public bool Runs => Vcpus.Contains(ReferenceVcpu.Running);

    public ReferenceVm Clone()
    {
        var clone = (ReferenceVm)MemberwiseClone();
        clone._tables = [.. _tables];
        clone._blocks = [.. _blocks];
        clone.Vcpus = [.. Vcpus];
        clone.Memory = new(Memory);
        return clone;
    }

    /// <summary>Maps the range, up to the first page that the tables refuse.</summary>
    public HvcStatus Lend(ulong guest, ulong page, ulong count, bool isReadOnly)
    {
        for (ulong i = 0, length; i < count; i += length)
        {
            ulong at = guest + i, to = page + i;
            bool isBlock = at % BlockPages == 0 && to % BlockPages == 0 && count - i >= BlockPages;
            length = isBlock ? BlockPages : 1;
            if (!HasTable(GigabytePages, at)) return HvcStatus.NoMemory;
            if (_blocks.Contains(at / BlockPages) || (isBlock && _tables.Contains((BlockPages, at / BlockPages)))) return HvcStatus.AlreadyMapped;
            if (!isBlock && !HasTable(BlockPages, at)) return HvcStatus.NoMemory;
            if (Memory.ContainsKey(at)) return HvcStatus.AlreadyMapped;
            if (isBlock) _blocks.Add(at / BlockPages);
            for (ulong j = 0; j < length; j++) Memory.Add(at + j, (to + j, isReadOnly));
        }
        return HvcStatus.Success;
    }

    private bool HasTable(ulong size, ulong page)
    {
        if (_tables.Contains((size, page / size))) return true;
        if (_tablesLeft == 0) return false;
        _tablesLeft--;
        return _tables.Add((size, page / size));
    }
}
