using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pocketvisor.Profiles;

/// <summary>
/// Reads <c>profile.json</c>. Written by hand and not with a schema validator, because its errors are sentences for users; a test holds it
/// to the same verdicts as the published schema.
/// </summary>
public static partial class ManifestReader
{
    private static readonly string[] Fields =
        ["version", "name", "cores", "memory", "kernel", "initrd", "commandLine", "weight", "autostart"];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = true };

    /// <summary>Reads the text of a manifest.</summary>
    /// <param name="source">What to call the file in errors: its path.</param>
    /// <param name="json">The text.</param>
    /// <exception cref="ProfileException">The text is no manifest; it lists everything that is wrong.</exception>
    public static ProfileManifest Read(string source, string json)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Strict);
        }
        catch (JsonException e)
        {
            throw new ProfileException($"{source}: not JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}; correct it there.");
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ProfileException($"{source}: must be one JSON object: {{ \"version\": 1, \"name\": … }}.");
            return new Pass(source, document.RootElement).Manifest();
        }
    }

    /// <summary>The name that a profile may have.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name) && name != "handset";

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,30}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}\z")]
    private static partial Regex FileNamePattern();

    [GeneratedRegex(@"\A[ -~]{0,1023}\z")]
    private static partial Regex CommandLinePattern();

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
            Integer("version", null, ProfileManifest.Version, ProfileManifest.Version);
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
            };
            return _problems.Count == 0 ? manifest : throw new ProfileException(_problems);
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
            var allowed = least == most ? $"{least}" : $"a whole number from {least} to {most}";
            if (!Find(field, fallback is null, $"\"{field}\" must be {allowed}", out var value))
                return fallback ?? 0;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number == Math.Floor(number) && number >= least && number <= most)
                return (int)number;
            return Wrong(field, value, allowed, fallback ?? 0);
        }

        private bool Boolean(string field, bool fallback)
        {
            if (!Find(field, false, "", out var value))
                return fallback;
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Wrong(field, value, "true or false", fallback);
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
