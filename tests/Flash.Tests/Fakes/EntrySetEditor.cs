using System;

namespace Pocketvisor.Flash.Tests;

/// <summary>Changes an entry set of the root folder behind the volume's back.</summary>
public sealed class EntrySetEditor
{
    private readonly FakeDevice _device;
    private byte[] _bytes;

    private EntrySetEditor(FakeDevice device, ulong address)
    {
        _device = device;
        Address = address;
        _bytes = new byte[32 * (device[address] == 0x85 ? device[address + 1] + 1 : 1)];
        for (int i = 0; i < _bytes.Length; i++) _bytes[i] = device[address + (ulong)i];
    }

    public ulong Address { get; }

    public byte[] Bytes => _bytes;

    /// <summary>The first entry of a type in the root folder's first cluster.</summary>
    public static EntrySetEditor Find(FakeDevice device, byte type)
    {
        ReadOnlySpan<byte> boot = device.Peek(0);
        ulong at = (BitConverter.ToUInt32(boot[88..]) + ((ulong)BitConverter.ToUInt32(boot[96..]) - 2 << boot[109])) * 512;
        while (device[at] != type) at += 32;
        return new EntrySetEditor(device, at);
    }

    public static EntrySetEditor At(FakeDevice device, ulong address) => new(device, address);

    /// <summary>The same entries at another place, once they are stored.</summary>
    public static EntrySetEditor At(FakeDevice device, ulong address, byte[] bytes) => new(device, address) { _bytes = bytes };

    public void Append(byte[] entry)
    {
        _bytes = [.. _bytes, .. entry];
        _bytes[1]++;
        Store();
    }

    /// <summary>Writes the entries with a right checksum.</summary>
    public void Store()
    {
        if (_bytes[0] == 0x85)
        {
            ushort sum = 0;
            for (int i = 0; i < _bytes.Length; i++)
                if (i is not (2 or 3)) sum = (ushort)((sum << 15 | sum >> 1) + _bytes[i]);
            BitConverter.TryWriteBytes(_bytes.AsSpan(2), sum);
        }
        for (int i = 0; i < _bytes.Length; i++) _device[Address + (ulong)i] = _bytes[i];
    }
}
