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
        ["version", "name", "cores", "memory", "kernel", "initrd", "commandLine", "weight", "autostart", "disks", "network", "mac", "autorestart", "sha256"];

    // What version 1 doesn't have.
    private static readonly string[] FieldsOfVersion2 = ["disks", "network", "mac", "autorestart", "sha256"];

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
                throw new ProfileException($"{source}: must be one JSON object: {{ \"version\": 2, \"name\": … }}.");
            if (!IsText(document.RootElement))
                throw new ProfileException($"{source}: has half a character, an escape from \\ud800 to \\udfff without its other half; write the character itself.");
            return new Pass(source, document.RootElement).Manifest();
        }
    }

    // Whether all names and strings can be read. JsonDocument does not look at escapes before it is asked for them, and throws then.
    private static bool IsText(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString() is not null,
                JsonValueKind.Array => element.EnumerateArray().All(IsText),
                JsonValueKind.Object => element.EnumerateObject().All(property => property.Name is not null && IsText(property.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
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

    [GeneratedRegex(@"\A[0-9a-f][26ae](:[0-9a-f]{2}){5}\z")]
    private static partial Regex MacPattern();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256Pattern();
}
