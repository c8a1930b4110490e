using System.Buffers.Binary;
using System.Text;

namespace Pocketvisor.Profiles;

/// <summary>Reads what a Linux module says about itself, and puts modules into an order in which they load.</summary>
public static class KernelModule
{
    /// <summary>Names of the modules that must be loaded before this one: the "depends=" entry of the section .modinfo.</summary>
    /// <param name="elf">The bytes of the .ko file, a 64-bit little-endian ELF object.</param>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static IReadOnlyList<string> Dependencies(ReadOnlySpan<byte> elf)
    {
        foreach (var entry in Encoding.UTF8.GetString(Section(elf, ".modinfo")).Split('\0'))
            if (entry.StartsWith("depends=", StringComparison.Ordinal))
                return [.. entry["depends=".Length..].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Normalise)];
        return [];
    }

    /// <summary>
    /// The wanted modules and all that they need, needs first. Names that <paramref name="find"/> doesn't know are skipped if they are built
    /// into the kernel.
    /// </summary>
    /// <param name="wanted">Names, with underscores or hyphens.</param>
    /// <param name="find">Gives a module's bytes by its name with underscores; null where there is none.</param>
    public static IReadOnlyList<(string Name, byte[] Data)> InLoadOrder(IEnumerable<string> wanted, Func<string, byte[]?> find)
    {
        List<(string, byte[])> order = [];
        HashSet<string> seen = [];
        foreach (var name in wanted)
            Visit(Normalise(name));
        return order;

        void Visit(string name)
        {
            if (!seen.Add(name) || find(name) is not { } data)
                return;
            foreach (var need in Dependencies(data))
                Visit(need);
            order.Add((name, data));
        }
    }

    /// <summary>Linux treats hyphens and underscores in module names as the same.</summary>
    public static string Normalise(string name) => name.Replace('-', '_');

    // ELF-64 Object File Format: e_shoff at 0x28, e_shentsize, e_shnum, e_shstrndx at 0x3A; sh_name at 0, sh_offset at 0x18, sh_size at 0x20.
    private static ReadOnlySpan<byte> Section(ReadOnlySpan<byte> elf, string name)
    {
        if (elf.Length < 64 || !elf.StartsWith("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        try
        {
            var table = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(elf[0x28..]));
            int size = Half(elf, 0x3A), count = Half(elf, 0x3C), namesIndex = Half(elf, 0x3E);
            var names = Content(elf, elf.Slice(table + namesIndex * size, size));
            for (var i = 0; i < count; i++)
            {
                var header = elf.Slice(table + i * size, size);
                var own = names[(int)BinaryPrimitives.ReadUInt32LittleEndian(header)..];
                if (own[..own.IndexOf((byte)0)].SequenceEqual(Encoding.UTF8.GetBytes(name)))
                    return Content(elf, header);
            }
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("the ELF file is damaged", e);
        }
        throw new InvalidDataException($"the ELF file has no section {name}");

        static int Half(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf[at..]);

        static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> elf, ReadOnlySpan<byte> header) => elf.Slice(
            checked((int)BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..])), checked((int)BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..])));
    }
}
