using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Flash.Tests;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Flash;

/// <summary>
/// A volume that is damaged first and used then. The device sees to it that nothing outside is touched; a volume that contradicts itself is not written to any more; and if
/// nothing was damaged, a second, simple reader finds it whole after any use.
/// <code>
///   input   number of damages │ each: where, offset 2, number, bytes │ what is sealed again │ operations …
/// </code>
/// </summary>
public sealed class ExFatTarget : IFuzzTarget
{
    private const int MostOperations = 40, Largest = 0x6000;

    private static readonly FakeDevice s_sound = Build();
    private static readonly byte[][] s_names = [.. new[] { "chained", "plain", "folder", "A", "b", "größe", "with space.txt", new string('x', 60), "", "." }.Select(Encoding.UTF8.GetBytes)];

    private readonly byte[] _data = new byte[Largest];

    public IEnumerable<byte[]> Seeds =>
    [
        [0, 0, 1, 0, 5, 0x10, 1, 0, 2, 1, 4, 0, 3, 0, 0x20, 5, 0, 6, 7],                           // nothing damaged, some of each
        [0, 0, 1, 3, 0, 0x40, 1, 3, 0, 0x60, 8, 3, 3, 3, 4, 2, 4, 3, 0, 0x20, 7],
        [1, 0, 92, 0, 4, 0xFF, 7, 0, 0, 1, 0, 3],                                              // cluster count
        [1, 1, 0x18, 0, 4, 5, 0, 0, 0, 0, 0, 3],                                                // a FAT entry
        [1, 3, 0x40, 0, 8, 0x85, 2, 0, 0, 0x20, 0, 0, 0, 2, 0, 3],                              // an entry set
        [2, 2, 0, 0, 2, 0xFF, 0xFF, 4, 0, 0, 2, 1, 2, 0, 1, 5, 0, 0x10, 7],                     // the bitmap, the up-case table
        [1, 5, 0, 8, 8, 1, 2, 3, 4, 5, 6, 7, 8, 2, 2, 0, 7],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        FakeDevice device = s_sound.Clone();
        bool sound = !Damage(device, choices);
        ExFatVolume volume = new(device);
        FlashStatus status = volume.Mount();
        Demand(!sound || status == FlashStatus.Ok, "A sound volume is not mounted.");
        FakeDevice refused = null; // the device as it was when the volume was found to be damaged
        for (int i = 0; i < MostOperations && choices.HasMore; i++)
        {
            if (IsRefusal(status)) refused ??= device.Clone();
            status = Operate(volume, choices);
            if (refused != null) Demand(Same(refused, device), "A damaged volume is written to.");
        }

        if (volume.Root.IsFolder) ReadAll(volume, volume.Root, 0);
        status = volume.Flush();
        Demand(!sound || status == FlashStatus.Ok, "A sound volume is not sound any more.");
        Demand(!IsRefusal(status) || volume.Problem.Length != 0, "It refuses without a sentence.");
        if (sound) PlainReader.Read(device);
    }

    private static bool IsRefusal(FlashStatus status) => status is FlashStatus.Damaged or FlashStatus.NotExFat;

    private static bool Same(FakeDevice a, FakeDevice b)
    {
        for (ulong sector = 0; sector < a.Sectors; sector++)
            if (!a.Peek(sector).SequenceEqual(b.Peek(sector))) return false;
        return true;
    }

    // Whether there is any.
    private static bool Damage(FakeDevice device, Choices choices)
    {
        int count = choices.Byte() % 8;
        for (int i = 0; i < count; i++)
        {
            (ulong start, int bytes) = (choices.Byte() % 6) switch
            {
                0 => (0ul, 512),
                1 => (PlainVolume.FatStart * 512ul, 512),
                2 => (PlainVolume.Cluster(PlainVolume.Bitmap) * 512, 512),
                3 => (PlainVolume.Cluster(PlainVolume.Root) * 512, 512),
                4 => (PlainVolume.Cluster(PlainVolume.Upcase) * 512, 512),
                _ => (PlainVolume.HeapStart * 512ul, 0x8000),
            };
            ulong at = start + (ulong)(choices.U16() % bytes);
            foreach (byte b in choices.Bytes(choices.Byte() % 33)) device[at++] = b;
        }

        int seals = choices.Byte();
        if ((seals & 1) != 0) PlainVolume.SealBoot(device);
        if ((seals & 2) != 0)
            for (ulong at = 64; at + 64 < 512; at += 32) SealSet(device, PlainVolume.Cluster(PlainVolume.Root) * 512 + at);
        return count != 0;
    }

    private static void SealSet(FakeDevice device, ulong address)
    {
        if (device[address] == 0x85) EntrySetEditor.At(device, address).Store();
    }

    private FlashStatus Operate(ExFatVolume volume, Choices choices)
    {
        byte where = choices.Byte(), what = (byte)(choices.Byte() % 10);
        FileNode folder = volume.Root;
        if ((where & 1) != 0 && volume.Find(folder, "folder"u8, out FileNode inner) == FlashStatus.Ok) folder = inner;
        byte[] name = s_names[(where >> 1) % s_names.Length];
        if (what == 0) return volume.CreateFile(folder, name, (ulong)choices.U16() % Largest, out _);
        if (what == 1) return volume.CreateFolder(folder, name, out _);
        if (what == 8) return volume.Flush();
        FlashStatus status = volume.Find(folder, name, out FileNode node);
        return status != FlashStatus.Ok ? status : what switch
        {
            2 => volume.Delete(node),
            3 => volume.Rename(ref node, choices.Byte() % 2 == 0 ? folder : volume.Root, s_names[choices.Byte() % s_names.Length]),
            4 => volume.SetLength(ref node, choices.Byte() == 255 ? choices.U64() : (ulong)choices.U16() % Largest),
            5 => volume.Write(ref node, choices.U16(), _data.AsSpan(0, choices.U16() % Largest)),
            6 => volume.Read(node, choices.Byte() == 255 ? choices.U64() : choices.U16(), _data.AsSpan(0, choices.U16() % Largest)),
            _ => volume.MakeValid(ref node, choices.U16()),
        };
    }

    private void ReadAll(ExFatVolume volume, FileNode folder, int depth)
    {
        if (depth > 3) return; // folders may be made to contain themselves
        Extent[] extents = new Extent[64];
        FolderCursor cursor = new(folder);
        for (int i = 0; i < 5000; i++)
        {
            FlashStatus status = volume.Next(ref cursor, out FileNode node);
            if (status == FlashStatus.NotFound || status != FlashStatus.Ok && i > 100) return;
            if (status != FlashStatus.Ok) continue;
            if (node.IsFolder)
            {
                ReadAll(volume, node, depth + 1);
                continue;
            }

            if (volume.GetExtents(node, extents, out int count) == FlashStatus.Ok)
                foreach (Extent extent in extents.AsSpan(0, count)) Demand(extent.Sector + extent.Sectors <= PlainVolume.Sectors, "An extent outside the volume.");
            volume.Read(node, 0, _data.AsSpan(0, (int)Math.Min(node.Length, (ulong)_data.Length)));
        }

        throw new FoundException("A folder without an end.");
    }

    private static FakeDevice Build()
    {
        FakeDevice device = PlainVolume.Make();
        ExFatVolume volume = new(device);
        Ok(volume.Mount());
        Ok(volume.CreateFile(volume.Root, "chained"u8, 1500, out FileNode chained));
        Ok(volume.CreateFile(volume.Root, "plain"u8, 3000, out FileNode plain));
        Ok(volume.SetLength(ref chained, 4000)); // doesn't fit behind
        Ok(volume.Write(ref chained, 0, [.. Enumerable.Range(0, 4000).Select(x => (byte)x)]));
        Ok(volume.CreateFolder(volume.Root, "folder"u8, out FileNode folder));
        Ok(volume.CreateFile(folder, "inside"u8, 100, out _));
        Ok(volume.Flush());
        PlainReader.Read(device);
        return device;

        void Ok(FlashStatus status) => Demand(status == FlashStatus.Ok, $"The seed can't be made: {status} {Encoding.UTF8.GetString(volume.Problem)}");
    }
}
