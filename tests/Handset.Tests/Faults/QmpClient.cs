using System;
using System.IO;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Tasks;

namespace Pocketvisor.Handsets.Tests.Faults;

/// <summary>QEMU's monitor ("QEMU Machine Protocol Specification"), as far as tests break hardware with it.</summary>
internal sealed class QmpClient : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;

    private QmpClient(NetworkStream stream) => (_stream, _reader) = (stream, new StreamReader(stream));

    /// <summary>What QEMU needs to be told to listen there.</summary>
    public static string[] Arguments(string socketPath) => ["-qmp", $"unix:{socketPath},server=on,wait=off"];

    public static async Task<QmpClient> ConnectAsync(string socketPath)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
        QmpClient client = new(new NetworkStream(socket, ownsSocket: true));
        await client._reader.ReadLineAsync(); // its greeting
        await client.AskAsync("qmp_capabilities", new { });
        return client;
    }

    /// <summary>Gives a command, which must succeed.</summary>
    public async Task AskAsync(string command, object arguments)
    {
        await _stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new { execute = command, arguments }));
        while (await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) is { } line)
        {
            using var answer = JsonDocument.Parse(line);
            if (answer.RootElement.TryGetProperty("error", out _)) throw new HandsetException($"QEMU refused {command}: {line}");
            if (answer.RootElement.TryGetProperty("return", out _)) return; // else an event
        }
        throw new HandsetException($"QEMU ended while it was asked for {command}.");
    }

    /// <summary>The handset's memory from one physical address on.</summary>
    public async Task<byte[]> MemoryAsync(ulong address, long bytes, string folder)
    {
        string file = Path.Combine(folder, "memory");
        await AskAsync("pmemsave", new { val = address, size = bytes, filename = file });
        byte[] contents = await File.ReadAllBytesAsync(file);
        File.Delete(file);
        return contents;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
