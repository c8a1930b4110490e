using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pocketvisor.Profiles.Tests;

/// <summary>
/// Judges JSON by a JSON schema (draft 2020-12), as far as profile.schema.json uses the language. A keyword that it doesn't know is an error,
/// so that the schema cannot grow past it unseen.
/// </summary>
internal static class SmallSchema
{
    public static bool Allows(JsonElement schema, JsonElement value) => schema.ValueKind == JsonValueKind.Object
        ? schema.EnumerateObject().All(keyword => Allows(schema, keyword, value))
        : schema.GetBoolean();

    private static bool Allows(JsonElement schema, JsonProperty keyword, JsonElement value) => keyword.Name switch
    {
        "$schema" or "title" or "description" or "default" => true,
        "type" => IsOfType(keyword.Value.GetString()!, value),
        "const" => JsonElement.DeepEquals(keyword.Value, value),
        "enum" => keyword.Value.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value)),
        "if" => !Allows(keyword.Value, value) || Allows(schema.GetProperty("then"), value),
        "then" => true,
        "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(item => Allows(keyword.Value, item)),
        "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= keyword.Value.GetInt32(),
        "not" => !Allows(keyword.Value, value),
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= keyword.Value.GetDouble(),
        "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= keyword.Value.GetDouble(),
        "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length <= keyword.Value.GetInt32(),
        "pattern" => value.ValueKind != JsonValueKind.String || Matches(keyword.Value.GetString()!, value.GetString()!),
        "required" => value.ValueKind != JsonValueKind.Object || keyword.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
        "properties" => value.ValueKind != JsonValueKind.Object || value.EnumerateObject().All(
            member => !keyword.Value.TryGetProperty(member.Name, out var inner) || Allows(inner, member.Value)),
        "additionalProperties" => value.ValueKind != JsonValueKind.Object || value.EnumerateObject().All(
            member => schema.TryGetProperty("properties", out var known) && known.TryGetProperty(member.Name, out _) || Allows(keyword.Value, member.Value)),
        _ => throw new NotSupportedException($"the schema's keyword {keyword.Name}"),
    };

    // In JavaScript, whose expressions these are, $ is the very end; in .NET a newline may follow.
    private static bool Matches(string pattern, string text) => Regex.IsMatch(text, pattern.Replace("$", @"\z"));

    private static bool IsOfType(string type, JsonElement value) => type switch
    {
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() == Math.Floor(value.GetDouble()),
        _ => throw new NotSupportedException($"the schema's type {type}"),
    };
}
