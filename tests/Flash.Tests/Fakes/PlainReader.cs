using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Pocketvisor.Flash.Tests;

/// <summary>
/// A second, simple reader of exFAT, which believes everything but checks it in the end: no cluster has two owners, all that are owned are
/// allocated, chains are as long as lengths say.
/// </summary>
public sealed class PlainReader
{
    private readonly FakeDevice _device;
    private readonly HashSet<uint> _owned = [];
    private readonly uint _fat, _heap, _clusters, _perCluster;
    private uint _bitmap, _bitmapBytes;

    private PlainReader(FakeDevice device)
    {
        _device = device;
        ReadOnlySpan<byte> boot = device.Peek(0);
        _fat = BitConverter.ToUInt32(boot[80..]);
        _heap = BitConverter.ToUInt32(boot[88..]);
        _clusters = BitConverter.ToUInt32(boot[92..]);
        _perCluster = 1u << boot[109];
        ReadFolder("", Chain(BitConverter.ToUInt32(boot[96..]), null, false), root: true);
        foreach (uint cluster in _owned) Check(IsAllocated(cluster), $"cluster {cluster} is in use but free");
        Lost = Enumerable.Range(2, (int)_clusters).Count(x => IsAllocated((uint)x)) - _owned.Count;
    }

    /// <summary>Contents by path; a folder's path ends with a slash.</summary>
    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Clusters that are allocated and belong to nothing.</summary>
    public int Lost { get; }

    public static PlainReader Read(FakeDevice device) => new(device);

    /// <summary>All of it as a text to compare.</summary>
    public string Summary => Summarise(Files);

    public static string Summarise(IDictionary<string, byte[]> files) =>
        string.Join("\n", files.Select(x => $"{x.Key} {x.Value.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(x.Value))[..16]}"));

    private static void Check(bool condition, string what)
    {
        if (!condition) throw new InvalidOperationException(what);
    }

    private byte[] Sectors(ulong sector, uint count)
    {
        byte[] bytes = new byte[count * 512];
        _device.TryRead(sector, bytes);
        return bytes;
    }

    private bool IsAllocated(uint cluster)
    {
        uint bit = cluster - 2;
        return (Sectors(_heap + (ulong)(_bitmap - 2) * _perCluster + bit / 4096, 1)[bit / 8 % 512] >> (int)(bit % 8) & 1) != 0;
    }

    private List<uint> Chain(uint first, ulong? bytes, bool contiguous)
    {
        List<uint> chain = [];
        ulong wanted = bytes is null ? ulong.MaxValue : (bytes.Value + _perCluster * 512 - 1) / (_perCluster * 512);
        if (wanted == 0) return chain;
        for (uint cluster = first; ;)
        {
            Check(cluster >= 2 && cluster - 2 < _clusters, $"cluster {cluster} is outside");
            Check(_owned.Add(cluster), $"cluster {cluster} has two owners");
            chain.Add(cluster);
            if (contiguous && (ulong)chain.Count == wanted) return chain;
            cluster = contiguous ? cluster + 1 : BitConverter.ToUInt32(Sectors(_fat + cluster / 128, 1), (int)(cluster % 128 * 4));
            if (cluster == uint.MaxValue) break;
        }
        Check(bytes is null || (ulong)chain.Count == wanted, "a chain is as long as its file");
        return chain;
    }

    private byte[] Data(List<uint> chain) => [.. chain.SelectMany(x => Sectors(_heap + (ulong)(x - 2) * _perCluster, _perCluster))];

    private void ReadFolder(string path, List<uint> chain, bool root = false)
    {
        byte[] bytes = Data(chain);
        for (int at = 0; at < bytes.Length && bytes[at] != 0; at += 32)
        {
            switch (bytes[at])
            {
                case < 0x80:
                case 0x83 when root:
                    break;
                case 0x81 when root:
                    _bitmap = BitConverter.ToUInt32(bytes, at + 20);
                    _bitmapBytes = BitConverter.ToUInt32(bytes, at + 24);
                    Chain(_bitmap, _bitmapBytes, false);
                    break;
                case 0x82 when root:
                    Chain(BitConverter.ToUInt32(bytes, at + 20), BitConverter.ToUInt32(bytes, at + 24), false);
                    break;
                case 0x85:
                    int entries = bytes[at + 1] + 1;
                    byte[] set = bytes[at..(at + 32 * entries)];
                    ushort sum = 0;
                    for (int i = 0; i < set.Length; i++)
                        if (i is not (2 or 3)) sum = (ushort)((sum << 15 | sum >> 1) + set[i]);
                    Check(sum == BitConverter.ToUInt16(set, 2), "checksum");
                    Check(set[32] == 0xC0, "stream extension");
                    byte[] units = [.. Enumerable.Range(2, entries - 2).Where(x => set[32 * x] == 0xC1).SelectMany(x => set[(32 * x + 2)..(32 * x + 32)])];
                    string name = Encoding.Unicode.GetString(units, 0, set[35] * 2);
                    ulong valid = BitConverter.ToUInt64(set, 40), length = BitConverter.ToUInt64(set, 56);
                    Check(valid <= length, "valid length");
                    List<uint> own = Chain(BitConverter.ToUInt32(set, 52), length, (set[33] & 2) != 0);
                    if ((set[4] & 0x10) != 0)
                    {
                        Check(Files.TryAdd(path + name + "/", []), "two folders of a name");
                        ReadFolder(path + name + "/", own);
                    }
                    else
                    {
                        byte[] data = Data(own)[..(int)length];
                        data.AsSpan((int)valid).Clear();
                        Check(Files.TryAdd(path + name, data), "two files of a name");
                    }
                    at += 32 * (entries - 1);
                    break;
                default:
                    Check(false, $"entry {bytes[at]:x}");
                    break;
            }
        }
        // Nothing after the end.
        int end = 0;
        while (end < bytes.Length && bytes[end] != 0) end += 32;
        Check(bytes.AsSpan(Math.Min(end, bytes.Length)).IndexOfAnyExcept((byte)0) < 0, "entries after the end of a folder");
    }
}
