using System.Text.Json;
using Pocketvisor.Flash;

namespace Pocketvisor.Profiles;

public static partial class ManifestReader
{
    /// <summary>One pass over one manifest; collects every problem.</summary>
    private sealed class Pass
    {
        private readonly List<string> _problems = [];
        private readonly Dictionary<string, JsonElement> _values = [];
        private readonly string _source;

        public Pass(string source, JsonElement root)
        {
            _source = source;
            foreach (var property in root.EnumerateObject())
            {
                if (property.Name == "$schema")
                {
                    if (property.Value.ValueKind != JsonValueKind.String)
                        Wrong("$schema", property.Value, "the address of a JSON schema", 0);
                }
                else if (!Fields.Contains(property.Name))
                    Problem($"unknown field \"{property.Name}\"; {Suggestion(property.Name)}");
                else if (!_values.TryAdd(property.Name, property.Value))
                    Problem($"\"{property.Name}\" is there twice; remove one.");
            }
        }

        public ProfileManifest Manifest()
        {
            var defaults = new ProfileManifest { Name = "", Memory = default, Kernel = "" };
            var version = Integer("version", null, ProfileManifest.OldestVersion, ProfileManifest.Version);
            if (version == 1)
                foreach (var field in FieldsOfVersion2.Where(_values.Remove))
                    Problem($"\"{field}\" is a field of version 2; set \"version\": 2.");
            var manifest = new ProfileManifest
            {
                Name = Text("name", null, IsName, "a lower-case letter, then up to 30 lower-case letters, digits or hyphens (and not \"handset\")")!,
                Cores = Integer("cores", defaults.Cores, 1, 8),
                Memory = Memory(),
                Kernel = FileName("kernel", required: true)!,
                Initrd = FileName("initrd", required: false),
                CommandLine = Text("commandLine", defaults.CommandLine, CommandLinePattern().IsMatch, "at most 1023 printable ASCII characters")!,
                Weight = Integer("weight", defaults.Weight, 1, 1000),
                Autostart = Boolean("autostart", defaults.Autostart),
                Disks = Disks(),
                Network = Choice("network", version == 1 ? Network.None : defaults.Network),
                Mac = Find("mac", false, "", out _) ? Text("mac", null, MacPattern().IsMatch, "six lower-case bytes such as \"02:11:22:33:44:55\", whose second digit is 2, 6, a or e") : null,
                Autorestart = Choice("autorestart", defaults.Autorestart),
                Sha256 = Digests(),
            };
            if (_problems.Count == 0)
                CheckFiles(manifest);
            return _problems.Count == 0 ? manifest : throw new ProfileException(_problems);
        }

        private IReadOnlyList<ProfileDisk> Disks()
        {
            if (!Find("disks", false, "", out var list))
                return [];
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > ProfileLimits.MaxDisks || list.EnumerateArray().Any(disk => disk.ValueKind != JsonValueKind.Object))
                return Wrong("disks", list, $"a list of at most {ProfileLimits.MaxDisks}, such as [ {{ \"file\": \"root.img\", \"readOnly\": false }} ]", Array.Empty<ProfileDisk>());
            return [.. list.EnumerateArray().Select((disk, index) => Disk($"disks[{index}]", disk))];
        }

        private ProfileDisk Disk(string field, JsonElement disk)
        {
            if (disk.EnumerateObject().Any(property => property.Name is not ("file" or "readOnly")) || disk.EnumerateObject().CountBy(property => property.Name).Any(name => name.Value > 1))
                return Wrong(field, disk, "\"file\" and \"readOnly\", each once, and nothing else", new ProfileDisk("", false));
            foreach (var property in disk.EnumerateObject())
                _values[$"{field}.{property.Name}"] = property.Value;
            return new ProfileDisk(FileName($"{field}.file", required: true)!, Boolean($"{field}.readOnly", false));
        }

        private IReadOnlyDictionary<string, string> Digests()
        {
            Dictionary<string, string> digests = [];
            if (!Find("sha256", false, "", out var files))
                return digests;
            if (files.ValueKind != JsonValueKind.Object)
                return Wrong("sha256", files, "an object from file names to digests", digests);
            foreach (var file in files.EnumerateObject())
            {
                var field = $"sha256.{file.Name}";
                _values[field] = file.Value;
                if (!digests.TryAdd(file.Name, Text(field, null, Sha256Pattern().IsMatch, "64 lower-case hexadecimal digits") ?? ""))
                    Problem($"\"{field}\" is there twice; remove one.");
            }
            return digests;
        }

        // What is right by itself and wrong beside the rest.
        private void CheckFiles(ProfileManifest manifest)
        {
            HashSet<string?> taken = new([manifest.Kernel, manifest.Initrd, ProfileManifest.FileName], StringComparer.OrdinalIgnoreCase);
            foreach (var (index, disk) in manifest.Disks.Index())
                if (!taken.Add(disk.File))
                    Problem($"\"disks[{index}].file\" must be a file of its own; \"{disk.File}\" is used already.");
            string[] files = [.. manifest.Files];
            foreach (var file in manifest.Sha256.Keys)
            {
                if (!files.Contains(file))
                    Problem($"\"sha256\" names {file}, which is none of the profile's files; they are {string.Join(", ", files)}.");
                else if (manifest.Disks.Any(disk => disk.File == file && !disk.ReadOnly))
                    Problem($"\"sha256\" names {file}, a disk that is written; only a read-only one has a digest.");
            }
        }

        private MemorySize Memory()
        {
            const string allowed = "a number with M or G, from 2M to 64G and a multiple of 2M, such as \"384M\"";
            return MemorySize.TryParse(Text("memory", null, text => MemorySize.TryParse(text, out _), allowed), out var size) ? size : default;
        }

        private string? FileName(string field, bool required)
        {
            if (!required && !_values.ContainsKey(field))
                return null;
            return Text(field, null, FileNamePattern().IsMatch, "the name of a file in the profile's folder: letters, digits, dots, hyphens, plus and underscores");
        }

        private string? Text(string field, string? fallback, Func<string, bool> isAllowed, string allowed)
        {
            if (!Find(field, fallback is null, $"\"{field}\" must be {allowed}", out var value))
                return fallback;
            if (value.ValueKind == JsonValueKind.String && isAllowed(value.GetString()!))
                return value.GetString();
            return Wrong(field, value, allowed, fallback);
        }

        private int Integer(string field, int? fallback, int least, int most)
        {
            var allowed = most == least + 1 ? $"{least} or {most}" : $"a whole number from {least} to {most}";
            if (!Find(field, fallback is null, $"\"{field}\" must be {allowed}", out var value))
                return fallback ?? 0;
            // Exact up to 28 digits; the handset's reader rounds none.
            if (value.ValueKind == JsonValueKind.Number && value.GetRawText().Length <= 28 && value.TryGetDecimal(out var number) && number == Math.Floor(number) && number >= least && number <= most)
                return (int)number;
            return Wrong(field, value, allowed, fallback ?? 0);
        }

        private bool Boolean(string field, bool fallback)
        {
            if (!Find(field, false, "", out var value))
                return fallback;
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Wrong(field, value, "true or false", fallback);
        }

        // An enumeration's members as they are written: the first letter in lower case.
        private T Choice<T>(string field, T fallback)
            where T : struct, Enum
        {
            if (!Find(field, false, "", out var value))
                return fallback;
            foreach (var choice in Enum.GetValues<T>())
                if (value.ValueKind == JsonValueKind.String && value.GetString() == ProfileManifest.Word(choice))
                    return choice;
            return Wrong(field, value, string.Join(" or ", Enum.GetValues<T>().Select(choice => $"\"{ProfileManifest.Word(choice)}\"")), fallback);
        }

        private bool Find(string field, bool required, string rule, out JsonElement value)
        {
            var found = _values.TryGetValue(field, out value);
            if (!found && required)
                Problem($"\"{field}\" is missing; {rule}.");
            return found;
        }

        private T Wrong<T>(string field, JsonElement value, string allowed, T fallback)
        {
            var text = value.GetRawText();
            Problem($"\"{field}\" must be {allowed}; it is {(text.Length > 60 ? text[..60] + "…" : text)}.");
            return fallback;
        }

        private void Problem(string sentence) => _problems.Add($"{_source}: {sentence}");

        private static string Suggestion(string name) =>
            NearestName.Of(name, Fields) is { } nearest ? $"did you mean \"{nearest}\"?" : $"the fields are {string.Join(", ", Fields)}.";
    }
}
