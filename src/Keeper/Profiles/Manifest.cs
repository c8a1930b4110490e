using System;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Diagnostics;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>What profile.json says (its schema is src/Profiles/profile.schema.json). Read once, when the handset starts.</summary>
public sealed class Manifest
{
    public const uint CurrentVersion = 1;
    public const int MaxName = 31, MaxFileName = 100, MaxCommandLine = 1023;
    public const ulong MemoryGranule = 2 << 20, MaxMemory = 64UL << 30;

    [Flags]
    private enum Fields : ushort
    {
        None = 0,
        Version = 1 << 0,
        Name = 1 << 1,
        Cores = 1 << 2,
        Memory = 1 << 3,
        Kernel = 1 << 4,
        Initrd = 1 << 5,
        CommandLine = 1 << 6,
        Weight = 1 << 7,
        Autostart = 1 << 8,
        Schema = 1 << 9,
    }

    private readonly byte[] _name = new byte[MaxName], _kernel = new byte[MaxFileName], _initrd = new byte[MaxFileName], _commandLine = new byte[MaxCommandLine];
    private readonly byte[] _text = new byte[MaxCommandLine + 1];
    private int _nameLength, _kernelLength, _initrdLength, _commandLineLength;
    private Fields _seen;

    public ReadOnlySpan<byte> Name => new ReadOnlySpan<byte>(_name).Slice(0, _nameLength);
    public ReadOnlySpan<byte> Kernel => new ReadOnlySpan<byte>(_kernel).Slice(0, _kernelLength);

    /// <summary>Empty if there is none.</summary>
    public ReadOnlySpan<byte> Initrd => new ReadOnlySpan<byte>(_initrd).Slice(0, _initrdLength);

    public ReadOnlySpan<byte> CommandLine => new ReadOnlySpan<byte>(_commandLine).Slice(0, _commandLineLength);
    public int Cores { get; private set; } = 1;

    /// <summary>Bytes.</summary>
    public ulong Memory { get; private set; }

    /// <summary>Share of the cores, 1 to 1000.</summary>
    public int Weight { get; private set; } = 100;

    public bool Autostart { get; private set; } = true;

    /// <summary>Reads a manifest into this new object. If it is wrong, adds a sentence that names the field and what it may be.</summary>
    public bool TryRead(ReadOnlySpan<byte> json, Text error)
    {
        var reader = new JsonReader(json);
        if (!reader.Read()) return NotJson(ref reader, error);
        if (reader.Token != JsonToken.ObjectStart) return Wrong(error, "profile.json must be one JSON object"u8);
        while (reader.Read() && reader.Token == JsonToken.Name)
            if (!TryReadField(ref reader, error)) return false;
        if (reader.Token != JsonToken.ObjectEnd || !reader.Read()) return NotJson(ref reader, error);
        if ((_seen & Fields.Version) == 0) return Missing(error, "version"u8);
        if ((_seen & Fields.Name) == 0) return Missing(error, "name"u8);
        if ((_seen & Fields.Memory) == 0) return Missing(error, "memory"u8);
        if ((_seen & Fields.Kernel) == 0) return Missing(error, "kernel"u8);
        return true;
    }

    /// <summary>[a-z][a-z0-9-]{0,30}, and not "handset", which the command line uses.</summary>
    public static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxName || !IsLower(name[0])) return false;
        foreach (byte b in name)
            if (!IsLower(b) && !IsDigit(b) && b != '-') return false;
        return !Bytes.Equal(name, "handset"u8);
    }

    /// <summary>[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}: no path, and nothing that a shell or a cpio archive takes otherwise.</summary>
    public static bool IsFileName(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxFileName || name[0] is (byte)'.' or (byte)'+' or (byte)'-') return false;
        foreach (byte b in name)
            if (!IsLower((byte)(b | 0x20)) && !IsDigit(b) && b is not ((byte)'.' or (byte)'_' or (byte)'+' or (byte)'-')) return false;
        return true;
    }

    /// <summary>A number with M or G; 2 MB to 64 GB in steps of 2 MB.</summary>
    public static bool TryParseMemory(ReadOnlySpan<byte> text, out ulong bytes)
    {
        bytes = 0;
        if (text.Length is < 2 or > 10) return false;
        foreach (byte b in text.Slice(0, text.Length - 1))
        {
            if (!IsDigit(b)) return false;
            bytes = bytes * 10 + b - '0';
        }
        byte unit = text[text.Length - 1];
        if (unit != 'M' && unit != 'G') return false;
        bytes <<= unit == 'M' ? 20 : 30;
        return bytes is >= MemoryGranule and <= MaxMemory && bytes % MemoryGranule == 0;
    }

    private bool TryReadField(ref JsonReader reader, Text error)
    {
        Span<byte> field = stackalloc byte[16];
        int length;
        if (!reader.TryCopyText(field, out length)) length = 0;
        ReadOnlySpan<byte> name = field.Slice(0, length);
        Fields which = FieldNamed(name);
        if (which == Fields.None)
        {
            error.Add("unknown field \""u8).AddUntrusted(reader.Raw)
                .Add("\"; allowed are version, name, cores, memory, kernel, initrd, commandLine, weight and autostart"u8);
            return false;
        }
        if ((_seen & which) != 0) return Wrong(error.Add(name), " is there twice"u8);
        _seen |= which;
        if (!reader.Read()) return NotJson(ref reader, error);
        error.Add(name).Add(": "u8);
        bool right = TryReadValue(ref reader, which, error);
        if (right) error.Clear();
        return right;
    }

    private static Fields FieldNamed(ReadOnlySpan<byte> name)
    {
        if (Bytes.Equal(name, "version"u8)) return Fields.Version;
        if (Bytes.Equal(name, "name"u8)) return Fields.Name;
        if (Bytes.Equal(name, "cores"u8)) return Fields.Cores;
        if (Bytes.Equal(name, "memory"u8)) return Fields.Memory;
        if (Bytes.Equal(name, "kernel"u8)) return Fields.Kernel;
        if (Bytes.Equal(name, "initrd"u8)) return Fields.Initrd;
        if (Bytes.Equal(name, "commandLine"u8)) return Fields.CommandLine;
        if (Bytes.Equal(name, "weight"u8)) return Fields.Weight;
        if (Bytes.Equal(name, "autostart"u8)) return Fields.Autostart;
        return Bytes.Equal(name, "$schema"u8) ? Fields.Schema : Fields.None;
    }

    private bool TryReadValue(ref JsonReader reader, Fields field, Text error)
    {
        int number;
        switch (field)
        {
            case Fields.Version:
                return TryReadInteger(ref reader, CurrentVersion, CurrentVersion, out _) || Wrong(error, "must be 1"u8);
            case Fields.Name:
                return TryReadText(ref reader, _name, out _nameLength) && IsName(Name)
                    || Wrong(error, "must be a lower-case letter, then up to 30 lower-case letters, digits or hyphens, and not \"handset\""u8);
            case Fields.Cores:
                if (!TryReadInteger(ref reader, 1, VmControl.MaxVcpus, out number)) return Wrong(error, "must be a whole number from 1 to 8"u8);
                Cores = number;
                return true;
            case Fields.Memory:
                if (!TryReadText(ref reader, _text, out int length) || !TryParseMemory(new ReadOnlySpan<byte>(_text).Slice(0, length), out ulong bytes))
                    return Wrong(error, "must be a number with M or G, from 2M to 64G and a multiple of 2M, such as \"384M\""u8);
                Memory = bytes;
                return true;
            case Fields.Kernel:
                return TryReadText(ref reader, _kernel, out _kernelLength) && IsFileName(Kernel) || WrongFileName(error);
            case Fields.Initrd:
                return TryReadText(ref reader, _initrd, out _initrdLength) && IsFileName(Initrd) || WrongFileName(error);
            case Fields.CommandLine:
                return TryReadText(ref reader, _commandLine, out _commandLineLength) && IsPrintable(CommandLine)
                    || Wrong(error, "must be a string of at most 1023 printable ASCII characters"u8);
            case Fields.Weight:
                if (!TryReadInteger(ref reader, 1, 1000, out number)) return Wrong(error, "must be a whole number from 1 to 1000"u8);
                Weight = number;
                return true;
            case Fields.Autostart:
                Autostart = reader.Token == JsonToken.True;
                return reader.Token is JsonToken.True or JsonToken.False || Wrong(error, "must be true or false"u8);
            default:
                return reader.Token == JsonToken.String || Wrong(error, "must be a string"u8);
        }
    }

    private static bool TryReadText(ref JsonReader reader, byte[] destination, out int length)
    {
        length = 0;
        return reader.Token == JsonToken.String && reader.TryCopyText(destination, out length);
    }

    private static bool TryReadInteger(ref JsonReader reader, uint least, uint most, out int value)
    {
        bool right = reader.TryGetInteger(out ulong number) && number >= least && number <= most;
        value = right ? (int)number : 0;
        return right;
    }

    private static bool IsPrintable(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
            if (b is < 0x20 or > 0x7E) return false;
        return true;
    }

    private static bool IsLower(byte b) => b is >= (byte)'a' and <= (byte)'z';
    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';

    private static bool Wrong(Text error, ReadOnlySpan<byte> what)
    {
        error.Add(what);
        return false;
    }

    private static bool WrongFileName(Text error) =>
        Wrong(error, "must be the name of a file in the profile's folder: letters, digits, dots, hyphens, plus and underscores"u8);

    private static bool Missing(Text error, ReadOnlySpan<byte> field)
    {
        error.Add(field).Add(" is missing"u8);
        return false;
    }

    private static bool NotJson(ref JsonReader reader, Text error)
    {
        error.Clear().Add("profile.json is not JSON at line "u8).Add(reader.Line);
        return false;
    }
}
