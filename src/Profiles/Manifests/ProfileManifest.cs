using System.Text.Json.Nodes;

namespace Pocketvisor.Profiles;

/// <summary>What <c>profile.json</c> says. The format is published as <c>profile.schema.json</c>.</summary>
public sealed record ProfileManifest
{
    /// <summary>Version of the format that this program reads and writes.</summary>
    public const int Version = 1;

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

    /// <summary>The manifest with every field written out, without spaces: the form in which the handset gets it.</summary>
    public string ToJson()
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
        json["weight"] = Weight;
        json["autostart"] = Autostart;

        // Relaxed: the handset's reader need not know \u0027 and the like. The command line is printable ASCII.
        return json.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
