using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.BootMedium;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

public sealed class CpioArchiveTests
{
    [Fact]
    public void FilesComeBackAsTheyWereWritten() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        List<(string Name, byte[] Data)> files = Files(random);
        byte[] archive = Archive(files);
        var reader = new CpioArchive(archive);
        foreach ((string name, byte[] data) in files)
        {
            if (!reader.Next() || Encoding.ASCII.GetString(reader.Name) != name || !reader.Data.SequenceEqual(data) || !reader.IsFile) return false;
            if (!archive.AsSpan(reader.DataOffset, data.Length).SequenceEqual(data)) return false;
        }
        return !reader.Next() && !reader.IsDamaged;
    }).QuickCheckThrowOnFailure();

    /// <summary>Whatever the bytes are, the walk ends and stays inside; cut off, it says so.</summary>
    [Fact]
    public void DamageIsNoticedOrHarmless() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        byte[] archive = Archive(Files(random));
        for (int i = random.Next(1, 6); i > 0; i--) archive[random.Next(archive.Length)] = (byte)random.Next(256);
        Walk(archive);
        return Walk(Archive(Files(random)).AsSpan(0, random.Next(100)).ToArray());
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void AFileIsFoundByFolderAndName()
    {
        byte[] archive = Archive([("profiles/a/kernel", [1]), ("profiles/ab/kernel", [2, 3]), ("profiles/a/kernel2", [4])]);
        Assert.True(CpioArchive.TryFind(archive, "profiles/ab/"u8, "kernel"u8, out int offset, out int length));
        Assert.Equal([2, 3], archive[offset..(offset + length)]);
        Assert.False(CpioArchive.TryFind(archive, "profiles/a/"u8, "kern"u8, out _, out _));
    }

    private static bool Walk(byte[] archive)
    {
        var reader = new CpioArchive(archive);
        int entries = 0;
        while (reader.Next())
        {
            if (++entries > archive.Length / 110) return false;
            foreach (byte b in reader.Data) _ = b;
        }
        return reader.IsDamaged;
    }

    private static List<(string Name, byte[] Data)> Files(Random random)
    {
        List<(string Name, byte[] Data)> files = [];
        for (int i = random.Next(6); i > 0; i--)
        {
            byte[] data = new byte[random.Next(300)];
            random.NextBytes(data);
            files.Add(($"profiles/{new string('n', random.Next(1, 9))}/{i}", data));
        }
        return files;
    }

    private static byte[] Archive(List<(string Name, byte[] Data)> files)
    {
        MemoryStream stream = new();
        foreach ((string name, byte[] data) in files) Entry(stream, name, 0x81A4, data);
        Entry(stream, "TRAILER!!!", 0, []);
        return stream.ToArray();
    }

    private static void Entry(MemoryStream stream, string name, int mode, byte[] data)
    {
        string header = $"070701{1:X8}{mode:X8}{0:X8}{0:X8}{1:X8}{0:X8}{data.Length:X8}{0:X8}{0:X8}{0:X8}{0:X8}{name.Length + 1:X8}{0:X8}";
        stream.Write(Encoding.ASCII.GetBytes(header + name + "\0"));
        Pad(stream);
        stream.Write(data);
        Pad(stream);
    }

    private static void Pad(MemoryStream stream)
    {
        while (stream.Length % 4 != 0) stream.WriteByte(0);
    }
}
