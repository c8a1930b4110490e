using System.Text.Json;

namespace Pocketvisor.Cli.Bench;

/// <summary>JSON that a program printed in a guest, with other lines around it perhaps.</summary>
public static class ProgramJson
{
    /// <summary>Reads it.</summary>
    /// <param name="program">Who printed it, for errors.</param>
    /// <param name="text">What it printed.</param>
    /// <param name="read">Takes what is wanted from the root.</param>
    /// <exception cref="UserException">There is no such thing in it.</exception>
    public static T Read<T>(string program, string text, Func<JsonElement, T> read)
    {
        var (first, last) = (text.IndexOf('{'), text.LastIndexOf('}'));
        try
        {
            using var json = JsonDocument.Parse(first >= 0 && last > first ? text.AsMemory(first, last + 1 - first) : default);
            return read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new UserException($"{program} printed something else than its JSON ({e.Message}):{Environment.NewLine}{text[..Math.Min(text.Length, 500)]}");
        }
    }
}
