using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Pocketvisor.Cli.Hub;

/// <summary>A connection that begins with lines of JSON and may go on as raw bytes: reads no byte too many.</summary>
public sealed class LineSocket(Socket socket) : IDisposable
{
    private const int LongestLine = 1 << 20;

    /// <summary>The connection, for what comes after the lines.</summary>
    public NetworkStream Stream { get; } = new(socket, ownsSocket: true);

    /// <summary>Sends a value as one line.</summary>
    public async Task SendAsync<T>(T value, CancellationToken cancellation) =>
        await Stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value, ControlJson.Line) + "\n"), cancellation);

    /// <summary>Receives a value; null if the other end closed or sent something else.</summary>
    public async Task<T?> ReceiveAsync<T>(CancellationToken cancellation)
        where T : class
    {
        List<byte> line = [];
        var one = new byte[1];
        try
        {
            while (line.Count < LongestLine && await Stream.ReadAsync(one, cancellation) == 1)
            {
                if (one[0] == '\n')
                    return JsonSerializer.Deserialize<T>(line.ToArray(), ControlJson.Line);
                line.Add(one[0]);
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Cut off, or not ours.
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();
}
