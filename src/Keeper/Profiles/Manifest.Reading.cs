using System;
using Pocketvisor.Abi;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Diagnostics;

namespace Pocketvisor.Keeper.Profiles;

// How profile.json is read: one pass, and then what only the whole tells. Fields come in any order.
public sealed partial class Manifest
{
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
        Disks = 1 << 10,
        Network = 1 << 11,
        Mac = 1 << 12,
        Autorestart = 1 << 13,
        Sha256 = 1 << 14,
    }

    private readonly byte[] _text = new byte[MaxCommandLine + 1];
    private uint _version;
    private Fields _seen;

    /// <summary>Reads a manifest in the place of what was here. If it is wrong, adds a sentence that names the field and what it may be.</summary>
    public bool TryRead(ReadOnlySpan<byte> json, Text error)
    {
        Reset();
        var reader = new JsonReader(json);
        if (!reader.Read()) return NotJson(ref reader, error);
        if (reader.Token != JsonToken.ObjectStart) return Wrong(error, "profile.json must be one JSON object"u8);
        while (reader.Read() && reader.Token == JsonToken.Name)
            if (!TryReadField(ref reader, error)) return false;
        if (reader.Token != JsonToken.ObjectEnd || !reader.Read()) return NotJson(ref reader, error);
        if (!Has(Fields.Version)) return Missing(error, "version"u8);
        if (!Has(Fields.Name)) return Missing(error, "name"u8);
        if (!Has(Fields.Memory)) return Missing(error, "memory"u8);
        if (!Has(Fields.Kernel)) return Missing(error, "kernel"u8);
        return SuitsVersion(error) && DisksAreApart(error) && DigestsHaveFiles(error);
    }

    private bool Has(Fields field) => (_seen & field) != 0;

    private bool SuitsVersion(Text error)
    {
        if (_version != 1) return true;
        HasNetwork = false;
        ReadOnlySpan<byte> tooNew =
            Has(Fields.Disks) ? "disks"u8 : Has(Fields.Network) ? "network"u8 : Has(Fields.Mac) ? "mac"u8
            : Has(Fields.Autorestart) ? "autorestart"u8 : Has(Fields.Sha256) ? "sha256"u8 : default;
        return tooNew.IsEmpty || Wrong(error.Add(tooNew), ": is a field of version 2; set \"version\": 2"u8);
    }

    // Two disks on one file, or a disk over the kernel, would destroy each other.
    private bool DisksAreApart(Text error)
    {
        for (int i = 0; i < DiskCount; i++)
        {
            ReadOnlySpan<byte> file = _disks[i].File;
            bool taken = Bytes.EqualIgnoringCase(file, Kernel) || Bytes.EqualIgnoringCase(file, Initrd) || Bytes.EqualIgnoringCase(file, "profile.json"u8);
            for (int j = 0; j < i; j++) taken |= Bytes.EqualIgnoringCase(file, _disks[j].File);
            if (taken) return Wrong(BeginDisk(error, i).Add(".file: must be a file of its own; \""u8).Add(file), "\" is used already"u8);
        }
        return true;
    }

    private bool DigestsHaveFiles(Text error)
    {
        for (int i = 0; i < _digestCount; i++)
        {
            ReadOnlySpan<byte> file = _digests[i].File;
            bool named = Bytes.Equal(file, Kernel) || Bytes.Equal(file, Initrd), changes = false;
            for (int j = 0; j < DiskCount; j++)
            {
                if (!Bytes.Equal(file, _disks[j].File)) continue;
                named = true;
                changes = !_disks[j].ReadOnly;
            }
            if (!named) return Wrong(error.Add("sha256: names \""u8).Add(file), "\", which is none of the profile's files"u8);
            if (changes) return Wrong(error.Add("sha256: names \""u8).Add(file), "\", a disk that is written; only a read-only one has a digest"u8);
        }
        return true;
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
                .Add("\"; allowed are version, name, cores, memory, kernel, initrd, commandLine, weight, autostart, disks, network, mac, autorestart and sha256"u8);
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
        if (Bytes.Equal(name, "disks"u8)) return Fields.Disks;
        if (Bytes.Equal(name, "network"u8)) return Fields.Network;
        if (Bytes.Equal(name, "mac"u8)) return Fields.Mac;
        if (Bytes.Equal(name, "autorestart"u8)) return Fields.Autorestart;
        if (Bytes.Equal(name, "sha256"u8)) return Fields.Sha256;
        return Bytes.Equal(name, "$schema"u8) ? Fields.Schema : Fields.None;
    }

    private bool TryReadValue(ref JsonReader reader, Fields field, Text error)
    {
        int number, length;
        switch (field)
        {
            case Fields.Version:
                if (!TryReadInteger(ref reader, OldestVersion, CurrentVersion, out number)) return Wrong(error, "must be 1 or 2"u8);
                _version = (uint)number;
                return true;
            case Fields.Name:
                return TryReadText(ref reader, _name, out _nameLength) && IsName(Name)
                    || Wrong(error, "must be a lower-case letter, then up to 30 lower-case letters, digits or hyphens, and not \"handset\""u8);
            case Fields.Cores:
                if (!TryReadInteger(ref reader, 1, VmControl.MaxVcpus, out number)) return Wrong(error, "must be a whole number from 1 to 8"u8);
                Cores = number;
                return true;
            case Fields.Memory:
                if (!TryReadText(ref reader, _text, out length) || !TryParseMemory(new ReadOnlySpan<byte>(_text).Slice(0, length), out ulong bytes))
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
            case Fields.Disks:
                return TryReadDisks(ref reader, error);
            case Fields.Network:
                HasNetwork = IsWord(ref reader, "outside"u8);
                return HasNetwork || IsWord(ref reader, "none"u8) || Wrong(error, "must be \"outside\" or \"none\""u8);
            case Fields.Mac:
                if (!TryReadText(ref reader, _text, out length) || !TryParseMac(new ReadOnlySpan<byte>(_text).Slice(0, length), out ulong mac))
                    return Wrong(error, "must be six lower-case bytes such as \"02:11:22:33:44:55\", whose second digit is 2, 6, a or e"u8);
                Mac = mac;
                HasMac = true;
                return true;
            case Fields.Autorestart:
                RestartsOnFailure = IsWord(ref reader, "onFailure"u8);
                return RestartsOnFailure || IsWord(ref reader, "never"u8) || Wrong(error, "must be \"never\" or \"onFailure\""u8);
            case Fields.Sha256:
                return TryReadDigests(ref reader, error);
            default:
                return reader.Token == JsonToken.String || Wrong(error, "must be a string"u8);
        }
    }

    private bool TryReadDisks(ref JsonReader reader, Text error)
    {
        if (reader.Token != JsonToken.ArrayStart) return WrongDisks(error);
        while (reader.Read() && reader.Token != JsonToken.ArrayEnd)
        {
            if (reader.Token != JsonToken.ObjectStart || DiskCount == _disks.Length) return WrongDisks(error);
            if (!TryReadDisk(ref reader, _disks[DiskCount], BeginDisk(error.Clear(), DiskCount))) return false;
            DiskCount++;
        }
        return reader.Token == JsonToken.ArrayEnd || NotJson(ref reader, error);
    }

    private bool TryReadDisk(ref JsonReader reader, ManifestDisk disk, Text error)
    {
        bool named = false, marked = false;
        disk.Reset();
        while (reader.Read() && reader.Token == JsonToken.Name)
        {
            bool isFile = Bytes.Equal(reader.Raw, "file"u8), isMark = Bytes.Equal(reader.Raw, "readOnly"u8);
            if (!isFile && !isMark || isFile && named || isMark && marked) return Wrong(error, ": has \"file\" and \"readOnly\", each once, and nothing else"u8);
            if (!reader.Read()) return NotJson(ref reader, error);
            named |= isFile;
            marked |= isMark;
            if (isMark)
            {
                if (reader.Token is not (JsonToken.True or JsonToken.False)) return Wrong(error, ".readOnly: must be true or false"u8);
                disk.ReadOnly = reader.Token == JsonToken.True;
            }
            else if (!TryReadText(ref reader, _text, out int length) || !disk.TrySetFile(new ReadOnlySpan<byte>(_text).Slice(0, length)))
            {
                return WrongFileName(error.Add(".file: "u8));
            }
        }
        if (reader.Token != JsonToken.ObjectEnd) return NotJson(ref reader, error);
        return named || Missing(error, ".file"u8);
    }

    // An object from file names to digests. Whether the profile has these files, the end will tell.
    private bool TryReadDigests(ref JsonReader reader, Text error)
    {
        if (reader.Token != JsonToken.ObjectStart) return Wrong(error, "must be an object from file names to digests"u8);
        while (reader.Read() && reader.Token == JsonToken.Name)
        {
            if (!reader.TryCopyText(_text, out int length) || !IsFileName(new ReadOnlySpan<byte>(_text).Slice(0, length))) return WrongFileName(error.Add("each name "u8));
            ReadOnlySpan<byte> file = new ReadOnlySpan<byte>(_text).Slice(0, length);
            if (!DigestOf(file).IsEmpty) return Wrong(error.Add("names \""u8).Add(file), "\" twice"u8);
            if (_digestCount == _digests.Length) return Wrong(error, "names more files than a profile has"u8);
            ManifestDigest digest = _digests[_digestCount];
            digest.SetFile(file);
            if (!reader.Read()) return NotJson(ref reader, error);
            if (!TryReadText(ref reader, _text, out length) || !TryParseHex(new ReadOnlySpan<byte>(_text).Slice(0, length), digest.Buffer))
                return Wrong(error.Add("of \""u8).Add(digest.File), "\" must be 64 lower-case hexadecimal digits"u8);
            _digestCount++;
        }
        return reader.Token == JsonToken.ObjectEnd || NotJson(ref reader, error);
    }

    private static bool TryParseHex(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        if (text.Length != 2 * bytes.Length) return false;
        for (int i = 0; i < bytes.Length; i++)
        {
            int high = HexDigit(text[2 * i]), low = HexDigit(text[2 * i + 1]);
            if (high < 0 || low < 0) return false;
            bytes[i] = (byte)(high << 4 | low);
        }
        return true;
    }

    private bool IsWord(ref JsonReader reader, ReadOnlySpan<byte> word) =>
        TryReadText(ref reader, _text, out int length) && Bytes.Equal(new ReadOnlySpan<byte>(_text).Slice(0, length), word);

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

    private static bool Wrong(Text error, ReadOnlySpan<byte> what)
    {
        error.Add(what);
        return false;
    }

    private static Text BeginDisk(Text error, int index) => error.Add("disks["u8).Add(index).Add("]"u8);

    private static bool WrongDisks(Text error) =>
        Wrong(error.Clear(), "disks: must be a list of at most 4, such as [ { \"file\": \"root.img\", \"readOnly\": false } ]"u8);

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
