using System.Text.Json;
using System.Text.Json.Serialization;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Storage;

/// <summary>What <c>handset.json</c> says: a handset's hardware.</summary>
public sealed record HandsetSettings
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "handset.json";

    /// <summary>Version of the format that this program reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Its cores, 1 to 8.</summary>
    public int Cores { get; init; } = 4;

    /// <summary>Its memory, as <see cref="MemorySize"/> reads it.</summary>
    public string Memory { get; init; } = "2G";

    /// <summary>Version of its interrupt controller.</summary>
    public int Gic { get; init; } = 3;

    /// <summary>Name of the flash's file, beside this one.</summary>
    public string Flash { get; init; } = "flash.img";

    /// <summary>The memory.</summary>
    [JsonIgnore]
    public MemorySize MemorySize => MemorySize.TryParse(Memory, out var size) ? size : default;

    private static JsonSerializerOptions Json { get; } = new(ControlJson.Pretty) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserException">It is wrong; the message names the file, the field and what is allowed.</exception>
    public static HandsetSettings Read(string path)
    {
        HandsetSettings? settings;
        try
        {
            settings = JsonSerializer.Deserialize<HandsetSettings>(File.ReadAllText(path), Json);
        }
        catch (JsonException e)
        {
            throw new UserException($"{path}: {e.Message} Correct it; docs/handset.md says what belongs there.", ExitCodes.Usage);
        }
        return settings switch
        {
            null => throw Wrong("the file must be one JSON object"),
            { Version: not CurrentVersion } => throw Wrong($"\"version\" must be {CurrentVersion}; it is {settings.Version}"),
            { Cores: < 1 or > 8 } => throw Wrong($"\"cores\" must be a number from 1 to 8; it is {settings.Cores}"),
            { MemorySize.Bytes: 0 } => throw Wrong($"\"memory\" must be a number with M or G, from 2M to 64G and a multiple of 2M; it is \"{settings.Memory}\""),
            { Gic: not (3 or 4) } => throw Wrong($"\"gic\" must be 3 or 4; it is {settings.Gic}"),
            { Flash: var flash } when Path.GetFileName(flash) != flash || flash is "" or "." or ".." => throw Wrong($"\"flash\" must be the name of a file beside it; it is \"{flash}\""),
            _ => settings,
        };

        UserException Wrong(string sentence) => new($"{path}: {sentence}.", ExitCodes.Usage);
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + Environment.NewLine);
}
