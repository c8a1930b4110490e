using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Pocketvisor.Handsets;

/// <summary>
/// As much of GDB's remote protocol ("Debugging with GDB", "Remote Protocol") as it takes to stop a handset at an instruction and to ask it
/// something there. QEMU speaks it with <c>-gdb</c>.
/// </summary>
public sealed partial class GdbClient : IAsyncDisposable
{
    /// <summary>Numbers of the registers x0 and pc in GDB's AArch64 core feature.</summary>
    public const int X0 = 0, Pc = 32;

    private readonly NetworkStream _stream;

    private GdbClient(NetworkStream stream) => _stream = stream;

    /// <summary>Connects, as soon as QEMU listens.</summary>
    public static async Task<GdbClient> ConnectAsync(string socketPath, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        while (true)
        {
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation).ConfigureAwait(false);
                break;
            }
            catch (SocketException)
            {
                await Task.Delay(20, cancellation).ConfigureAwait(false); // QEMU is about to make it.
            }
        }
        var client = new GdbClient(new NetworkStream(socket, ownsSocket: true));
        await client.AskAsync("qXfer:features:read:target.xml:0,ffb", cancellation).ConfigureAwait(false); // To those who don't ask for them QEMU shows no single registers.
        return client;
    }

    /// <summary>Runs on until an instruction is about to be executed.</summary>
    /// <returns>By which core, from 1.</returns>
    public async Task<int> RunToAsync(ulong address, CancellationToken cancellation)
    {
        await AskAsync(string.Create(CultureInfo.InvariantCulture, $"Z1,{address:x},4"), cancellation).ConfigureAwait(false);
        var stop = await AskAsync("c", cancellation).ConfigureAwait(false);
        await AskAsync(string.Create(CultureInfo.InvariantCulture, $"z1,{address:x},4"), cancellation).ConfigureAwait(false);
        return StopThread().Match(stop) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 1;
    }

    /// <summary>Executes one instruction.</summary>
    public Task StepAsync(CancellationToken cancellation) => AskAsync("s", cancellation);

    /// <summary>Reads a 64-bit register.</summary>
    public async Task<ulong> ReadAsync(int register, CancellationToken cancellation)
    {
        var answer = await AskAsync(string.Create(CultureInfo.InvariantCulture, $"p{register:x}"), cancellation).ConfigureAwait(false);
        return BinaryPrimitives.ReadUInt64LittleEndian(Convert.FromHexString(answer));
    }

    /// <summary>Writes a 64-bit register.</summary>
    public Task WriteAsync(int register, ulong value, CancellationToken cancellation)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return AskAsync(string.Create(CultureInfo.InvariantCulture, $"P{register:x}={Convert.ToHexStringLower(bytes)}"), cancellation);
    }

    /// <summary>Lets the handset run on without a debugger.</summary>
    public async Task DetachAsync(CancellationToken cancellation)
    {
        try
        {
            await AskAsync("D", cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It ran on, and turned itself off.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    // $request#sum; the other side acknowledges with + and answers in the same form.
    private async Task<string> AskAsync(string request, CancellationToken cancellation)
    {
        var sum = (byte)request.Sum(c => c);
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${request}#{sum:x2}")), cancellation).ConfigureAwait(false);
        var answer = await AnswerAsync(cancellation).ConfigureAwait(false);
        while (answer.StartsWith('T') && request is not ("c" or "s"))
            answer = await AnswerAsync(cancellation).ConfigureAwait(false); // QEMU tells a second debugger unasked that it has stopped.
        return answer.StartsWith('E') ? throw new HandsetException($"QEMU's debugger refused {request}: {answer}") : answer;
    }

    private async Task<string> AnswerAsync(CancellationToken cancellation)
    {
        var answer = new StringBuilder();
        while (await ByteAsync(cancellation).ConfigureAwait(false) != '$')
        {
        }
        while (await ByteAsync(cancellation).ConfigureAwait(false) is var c && c != '#')
            answer.Append(c);
        await ByteAsync(cancellation).ConfigureAwait(false);
        await ByteAsync(cancellation).ConfigureAwait(false);
        await _stream.WriteAsync("+"u8.ToArray(), cancellation).ConfigureAwait(false);
        return answer.ToString();
    }

    private async Task<char> ByteAsync(CancellationToken cancellation)
    {
        var one = new byte[1];
        return await _stream.ReadAsync(one, cancellation).ConfigureAwait(false) == 1 ? (char)one[0] : throw new HandsetException("QEMU ended while it was asked by its debugger.");
    }

    // T05thread:02; or, of a client that asked for processes, T05thread:p01.02;
    [GeneratedRegex(@"thread:(?:p[0-9a-f]+\.)?([0-9a-f]+);")]
    private static partial Regex StopThread();
}
