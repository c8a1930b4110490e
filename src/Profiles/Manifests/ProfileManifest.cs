using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pocketvisor.Profiles;

/// <summary>What <c>profile.json</c> says. The format is published as <c>profile.schema.json</c>.</summary>
public sealed record ProfileManifest
{
    // Relaxed: the handset's reader need not know \u0027 and the like. The command line is printable ASCII.
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Version of the format that this program writes. It reads this one and those back to <see cref="OldestVersion"/>.</summary>
    public const int Version = 2;

    /// <summary>The oldest version that is still read.</summary>
    public const int OldestVersion = 1;

    /// <summary>Name of the file.</summary>
    public const string FileName = "profile.json";

    /// <summary>A lower-case letter, then up to 30 lower-case letters, digits or hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>Virtual cores, 1 to 8.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>The profile's own memory.</summary>
    public required MemorySize Memory { get; init; }

    /// <summary>File name of the kernel, in the profile's folder.</summary>
    public required string Kernel { get; init; }

    /// <summary>File name of the initrd, or null where there is none.</summary>
    public string? Initrd { get; init; }

    /// <summary>The kernel's command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Share of the cores when profiles compete, 1 to 1000.</summary>
    public int Weight { get; init; } = 100;

    /// <summary>Whether the profile starts with the handset.</summary>
    public bool Autostart { get; init; } = true;

    /// <summary>Its disks, vda first; at most <see cref="Flash.ProfileLimits.MaxDisks"/>.</summary>
    public IReadOnlyList<ProfileDisk> Disks { get; init; } = [];

    /// <summary>Where its frames go. A manifest of version 1 means <see cref="Network.None"/>.</summary>
    public Network Network { get; init; } = Network.Outside;

    /// <summary>Address of its network device, as in <c>02:11:22:33:44:55</c>; null: the handset makes one from the name.</summary>
    public string? Mac { get; init; }

    /// <summary>When it starts again by itself.</summary>
    public Autorestart Autorestart { get; init; } = Autorestart.Never;

    /// <summary>SHA-256 of files that never change, by file name: 64 lower-case hexadecimal digits.</summary>
    public IReadOnlyDictionary<string, string> Sha256 { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of all its files.</summary>
    public IEnumerable<string> Files => [Kernel, .. Initrd is null ? [] : new[] { Initrd }, .. Disks.Select(disk => disk.File)];

    /// <summary>The same manifest with the digests of kernel, initrd and read-only disks.</summary>
    /// <param name="folder">Where the files are.</param>
    public ProfileManifest WithDigests(string folder) => this with
    {
        Sha256 = Files.Except(Disks.Where(disk => !disk.ReadOnly).Select(disk => disk.File)).ToDictionary(file => file, file =>
        {
            using var stream = File.OpenRead(Path.Combine(folder, file));
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }),
    };

    /// <summary>The manifest with every field written out, without spaces.</summary>
    public string ToJson() => ToObject().ToJsonString(Compact);

    /// <summary>The manifest with every field written out, as a file for people.</summary>
    public string ToFile() => ToObject().ToJsonString(Indented) + "\n";

    /// <summary>Manifests are equal that say the same.</summary>
    public bool Equals(ProfileManifest? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => ToJson().GetHashCode();

    // As a manifest writes an enumeration's member: Network.Outside is "outside".
    internal static string Word<T>(T choice)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(choice.ToString());

    private JsonObject ToObject()
    {
        var json = new JsonObject
        {
            ["version"] = Version,
            ["name"] = Name,
            ["cores"] = Cores,
            ["memory"] = Memory.ToString(),
            ["kernel"] = Kernel,
        };
        if (Initrd is not null)
            json["initrd"] = Initrd;
        json["commandLine"] = CommandLine;
        json["disks"] = new JsonArray([.. Disks.Select(disk => new JsonObject { ["file"] = disk.File, ["readOnly"] = disk.ReadOnly })]);
        json["network"] = Word(Network);
        if (Mac is not null)
            json["mac"] = Mac;
        json["weight"] = Weight;
        json["autostart"] = Autostart;
        json["autorestart"] = Word(Autorestart);
        if (Sha256.Count > 0)
            json["sha256"] = new JsonObject(Files.Where(Sha256.ContainsKey).Distinct().Select(file => KeyValuePair.Create(file, (JsonNode?)Sha256[file])));
        return json;
    }
}
