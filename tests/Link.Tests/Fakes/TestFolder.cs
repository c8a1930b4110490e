using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Pocketvisor.Link.Tests;

/// <summary>A folder of the PC that goes with its test.</summary>
public sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("pocket-test-").FullName;

    /// <summary>Makes a profile's folder.</summary>
    public string Write(string name, SortedDictionary<string, byte[]> files)
    {
        string folder = Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;
        foreach (var (file, bytes) in files) File.WriteAllBytes(System.IO.Path.Combine(folder, file), bytes);
        return folder;
    }

    public SortedDictionary<string, byte[]> Read(string name)
    {
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        string folder = System.IO.Path.Combine(Path, name);
        foreach (string file in Directory.GetFiles(folder)) files.Add(System.IO.Path.GetFileName(file), File.ReadAllBytes(file));
        return files;
    }

    /// <summary>A profile of several files, some of it zeros.</summary>
    public static SortedDictionary<string, byte[]> Profile(int seed, int largest = 12)
    {
        const int block = LinkProtocol.FileBlockBytes;
        Random random = new(seed);
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach (string name in (string[])["profile.json", "Image", "initrd.gz", "root.img", "empty"])
        {
            int length = name switch { "profile.json" => random.Next(1, 500), "empty" => 0, _ => random.Next(largest) * block + random.Next(-1, 2) };
            byte[] bytes = new byte[Math.Max(0, length)];
            for (int at = 0; at < bytes.Length; at += block)
                if (random.Next(3) != 0) random.NextBytes(bytes.AsSpan(at, Math.Min(random.Next(1, block + 1), bytes.Length - at)));
            files.Add(name, bytes);
        }

        return files;
    }

    public static bool Same(SortedDictionary<string, byte[]> a, SortedDictionary<string, byte[]> b) =>
        a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out byte[] other) && pair.Value.AsSpan().SequenceEqual(other));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
