using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pocketvisor.Cli.Hub;

/// <summary>JSON as this program writes it: camelCase names, words for enums.</summary>
public static class ControlJson
{
    /// <summary>On the control socket: one line.</summary>
    public static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>For <c>--json</c>: readable.</summary>
    public static readonly JsonSerializerOptions Pretty = new(Line) { WriteIndented = true };
}
