namespace Pocketvisor.Keeper.Devices;

/// <summary>Which device answers at which guest address.</summary>
public sealed class MmioBusMap
{
    private readonly Entry[] _entries;
    private int _count;

    /// <param name="capacity">Devices at most.</param>
    public MmioBusMap(int capacity) => _entries = new Entry[capacity];

    /// <summary>Ranges must not overlap; the first one wins.</summary>
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
        for (int i = 0; i < _count; i++)
        {
            ref Entry entry = ref _entries[i];
            if (address - entry.Address >= entry.Size) continue; // wraps below the base
            offset = (uint)(address - entry.Address);
            return entry.Device;
        }

        offset = 0;
        return null;
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
    }
}
