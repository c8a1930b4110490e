namespace Pocketvisor.Keeper.Devices;

/// <summary>Which device answers at which guest address.</summary>
public sealed class MmioBusMap
{
    private readonly Entry[] _entries;
    private int _count;
    private int _recent; // found last; any core may set it, and a wrong guess only costs the search

    /// <param name="capacity">Devices at most.</param>
    public MmioBusMap(int capacity) => _entries = new Entry[capacity];

    /// <summary>Ranges do not overlap.</summary>
    public void Add(ulong address, ulong size, MmioDevice device)
    {
        ref Entry entry = ref _entries[_count++];
        entry.Address = address;
        entry.Size = size;
        entry.Device = device;
    }

    /// <returns>The device at this address, or null.</returns>
    public MmioDevice Find(ulong address, out uint offset)
    {
        int index = _recent;
        if (!_entries[index].Contains(address))
        {
            for (index = 0; index < _count && !_entries[index].Contains(address);) index++;
            if (index == _count)
            {
                offset = 0;
                return null;
            }

            _recent = index;
        }

        ref Entry found = ref _entries[index];
        offset = (uint)(address - found.Address);
        return found.Device;
    }

    /// <summary>Resets every device.</summary>
    public void Reset()
    {
        for (int i = 0; i < _count; i++) _entries[i].Device.Reset();
    }

    private struct Entry
    {
        public ulong Address;
        public ulong Size;
        public MmioDevice Device;

        public readonly bool Contains(ulong address) => address - Address < Size; // wraps below the base
    }
}
