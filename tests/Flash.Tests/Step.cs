using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Pocketvisor.Flash.Tests;

public enum StepKind
{
    CreateFile,
    CreateFolder,
    Write,
    SetLength,
    MakeValid,
    Rename,
    Move,
    Delete,
    Remount,
}

/// <summary>
/// One change of a volume and of its model, a dictionary from paths to contents. The numbers pick which file and how much, so that any
/// numbers mean something and sequences can shrink.
/// </summary>
public sealed record Step(StepKind Kind, byte Which, ushort Amount)
{
    private const int MaxLength = 30_000;

    public override string ToString() => $"{Kind} {Which} {Amount}";

    /// <returns>The status, and the model afterwards if it was Ok.</returns>
    public (FlashStatus Status, SortedDictionary<string, byte[]> After) Apply(ref ExFatVolume volume, FakeDevice device, SortedDictionary<string, byte[]> model)
    {
        SortedDictionary<string, byte[]> after = new(model, StringComparer.Ordinal);
        string[] all = [.. model.Keys], files = [.. all.Where(x => !x.EndsWith('/'))], folders = ["", .. all.Where(x => x.EndsWith('/'))];
        string folder = folders[Which % folders.Length];
        string name = Name(Amount);
        string any = all.Length == 0 ? null : all[Which % all.Length], file = files.Length == 0 ? null : files[Which % files.Length];
        FlashStatus status = FlashStatus.Ok;
        switch (Kind)
        {
            case StepKind.CreateFile:
                int length = Amount * 37 % MaxLength;
                status = volume.CreateFile(Find(volume, folder), Encoding.UTF8.GetBytes(name), (ulong)length, out _);
                Expect(status, Exists(model, folder + name) ? FlashStatus.Exists : FlashStatus.Ok);
                if (status == FlashStatus.Ok) after[folder + name] = new byte[length];
                break;
            case StepKind.CreateFolder:
                status = volume.CreateFolder(Find(volume, folder), Encoding.UTF8.GetBytes(name), out _);
                Expect(status, Exists(model, folder + name) ? FlashStatus.Exists : FlashStatus.Ok);
                if (status == FlashStatus.Ok) after[folder + name + "/"] = [];
                break;
            case StepKind.Write when file is not null:
                byte[] content = (byte[])model[file].Clone();
                int offset = content.Length == 0 ? 0 : Amount * 31 % content.Length, n = Math.Min(Amount % 3000, content.Length - offset);
                for (int i = 0; i < n; i++) content[offset + i] = (byte)(Amount + i);
                FileNode node = Find(volume, file);
                status = volume.Write(ref node, (ulong)offset, content.AsSpan(offset, n));
                Expect(status, FlashStatus.Ok);
                after[file] = content;
                break;
            case StepKind.SetLength when file is not null:
                content = model[file];
                Array.Resize(ref content, Amount % 5 == 0 ? 0 : Amount * 41 % MaxLength);
                node = Find(volume, file);
                status = volume.SetLength(ref node, (ulong)content.Length);
                Expect(status, FlashStatus.Ok);
                if (status == FlashStatus.Ok) after[file] = content;
                break;
            case StepKind.MakeValid when file is not null:
                node = Find(volume, file);
                status = volume.MakeValid(ref node, (ulong)(Amount * 11 % (model[file].Length + 1)));
                Expect(status, FlashStatus.Ok);
                break;
            case StepKind.Rename when any is not null:
            case StepKind.Move when file is not null:
                string from = Kind == StepKind.Move ? file : any;
                string parent = Kind == StepKind.Move ? folders[Amount % folders.Length] : from[..(from.TrimEnd('/').LastIndexOf('/') + 1)];
                string to = parent + name;
                bool taken = Exists(model, to) && !string.Equals(to, from.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
                node = Find(volume, from);
                status = volume.Rename(ref node, Find(volume, parent), Encoding.UTF8.GetBytes(name));
                Expect(status, taken ? FlashStatus.Exists : FlashStatus.Ok);
                if (status != FlashStatus.Ok) break;
                foreach (string path in all.Where(x => x == from || (from.EndsWith('/') && x.StartsWith(from, StringComparison.Ordinal)))) after.Remove(path);
                foreach (string path in all.Where(x => x == from || (from.EndsWith('/') && x.StartsWith(from, StringComparison.Ordinal))))
                    after[to + (from.EndsWith('/') ? "/" : "") + path[from.Length..]] = model[path];
                break;
            case StepKind.Delete when any is not null:
                bool full = any.EndsWith('/') && all.Any(x => x != any && x.StartsWith(any, StringComparison.Ordinal));
                status = volume.Delete(Find(volume, any));
                Expect(status, full ? FlashStatus.NotEmpty : FlashStatus.Ok);
                if (status == FlashStatus.Ok) after.Remove(any);
                break;
            case StepKind.Remount:
                VolumeTests.Ok(volume.Flush());
                volume = VolumeTests.Mount(device);
                break;
        }
        return (status, after);
    }

    // A name may clash with others in its case, and takes one entry, two or five.
    private static string Name(int number) => (number % 8) switch
    {
        0 => $"N{number % 20}",
        1 or 2 or 3 => $"n{number % 20}",
        4 => $"{number % 20} ünïcödé 😀",
        5 => new string((char)('a' + number % 20), 70),
        _ => $"a name with two entries {number % 20}",
    };

    private static bool Exists(SortedDictionary<string, byte[]> model, string path) =>
        model.Keys.Any(x => string.Equals(x.TrimEnd('/'), path, StringComparison.OrdinalIgnoreCase));

    private static void Expect(FlashStatus status, FlashStatus expected)
    {
        // A full volume is never wrong here; that space isn't lost, the end of the sequence shows.
        if (status != expected && status != FlashStatus.NoSpace) throw new InvalidOperationException($"{status} instead of {expected}");
    }

    private static FileNode Find(ExFatVolume volume, string path)
    {
        FileNode node = volume.Root;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries)) VolumeTests.Ok(volume.Find(node, Encoding.UTF8.GetBytes(part), out node));
        return node;
    }
}
