using System;
using Pocketvisor.DeviceTree;

namespace Pocketvisor.Guests;

/// <summary>What the guest's device tree says of it.</summary>
internal ref struct Machine
{
    public ulong MemoryStart, MemorySize, Cores;
    public ReadOnlySpan<byte> CommandLine;

    public Machine(ulong tree)
    {
        this = default;
        var reader = new FdtReader(Memory.Bytes(tree, (int)FdtReader.TotalSize(Memory.Bytes(tree, 8))));
        while (reader.NextNode())
        {
            if (reader.Lists("device_type"u8, "memory"u8)) reader.Reg(0, out MemoryStart, out MemorySize);
            if (reader.Lists("device_type"u8, "cpu"u8)) Cores++;
            var arguments = reader.Property("bootargs"u8);
            if (!arguments.IsEmpty) CommandLine = arguments.Slice(0, arguments.Length - 1);
        }
    }

    /// <summary>Whether a word, such as <c>write</c>, is on the command line.</summary>
    public readonly bool Says(ReadOnlySpan<byte> word) => Find(word) >= 0;

    /// <summary>The hexadecimal number behind a name, such as <c>address=</c>; 0 if there is none.</summary>
    public readonly ulong Number(ReadOnlySpan<byte> name)
    {
        int at = Find(name);
        ulong number = 0;
        if (at < 0) return 0;
        for (at += name.Length; at < CommandLine.Length; at++)
        {
            int c = CommandLine[at] | 0x20, digit = c >= 'a' ? c - 'a' + 10 : c - '0';
            if (digit is < 0 or > 15) break;
            number = number << 4 | (uint)digit;
        }
        return number;
    }

    private readonly int Find(ReadOnlySpan<byte> word)
    {
        for (int at = 0; at + word.Length <= CommandLine.Length; at++)
        {
            int same = 0;
            while (same < word.Length && CommandLine[at + same] == word[same]) same++;
            if (same == word.Length) return at;
        }
        return -1;
    }
}
