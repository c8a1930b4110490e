using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;
using Pocketvisor.Flash;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>A volume in an image, by our library: what is on it, and what is put there.</summary>
public sealed class VolumeTree : IDisposable
{
    private readonly ImageFile _image;

    public VolumeTree(string image)
    {
        _image = ImageFile.Open(image);
        Volume = new ExFatVolume(_image);
        Must(Volume.Mount());
    }

    public ExFatVolume Volume { get; }

    /// <summary>Length and digest of every file, by path.</summary>
    public Dictionary<string, (ulong Length, string Digest)> Files(Func<string, bool> digest = null)
    {
        Dictionary<string, (ulong, string)> files = [];
        Visit(Volume.Root, "");
        return files;

        void Visit(FileNode folder, string path)
        {
            List<(string, FileNode)> found = []; // The volume's buffers serve one walk at a time.
            var cursor = new FolderCursor(folder);
            FlashStatus status;
            while ((status = Volume.Next(ref cursor, out var node)) == FlashStatus.Ok) found.Add((path + Encoding.UTF8.GetString(Volume.LastName), node));
            Assert.Equal(FlashStatus.NotFound, status);
            foreach (var (name, node) in found)
                if (node.IsFolder) Visit(node, name + "/");
                else files.Add(name, (node.Length, digest is null || digest(name) ? Digest(node) : null));
        }
    }

    public FileNode Find(string path)
    {
        var node = Volume.Root;
        foreach (string name in path.Split('/'))
        {
            Must(Volume.Find(node, Encoding.UTF8.GetBytes(name), out var next)); // not "out node": it would be both
            node = next;
        }
        return node;
    }

    public byte[] Read(in FileNode file, ulong offset, int count)
    {
        byte[] data = new byte[count];
        Must(Volume.Read(file, offset, data));
        return data;
    }

    /// <summary>Fails the test with the volume's own sentence.</summary>
    public void Must(FlashStatus status) => Assert.True(status == FlashStatus.Ok, $"{status}: {Encoding.UTF8.GetString(Volume.Problem)}");

    public void Dispose() => _image.Dispose();

    private string Digest(in FileNode file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        const int piece = 1 << 20;
        for (ulong offset = 0; offset < file.Length; offset += piece) hash.AppendData(Read(file, offset, (int)Math.Min(piece, file.Length - offset)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
