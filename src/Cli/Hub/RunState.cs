using System.Net.Sockets;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Hub;

/// <summary>
/// What a running handset leaves in <c>.pocket/run/</c>: a lock that its hub holds, the socket on which the hub listens, and its log.
/// </summary>
public sealed class RunState(Repository repository)
{
    // A socket's address holds 108 bytes; a deep source tree has longer paths.
    private const int LongestSocketPath = 100;

    /// <summary>Where the hub listens.</summary>
    public string ControlSocket
    {
        get
        {
            var path = Path.Combine(repository.Run, "control.sock");
            return path.Length <= LongestSocketPath ? path : Path.Combine(Path.GetTempPath(), $"pocket-{Environment.UserName}-{Name(repository.Root)}.sock");
        }
    }

    /// <summary>What the handset's serial port and the keeper's log said, line by line.</summary>
    public string LogFile => Path.Combine(repository.Run, "handset.log");

    /// <summary>Output of a hub in the background.</summary>
    public string HubOutput => Path.Combine(repository.Run, "hub.log");

    /// <summary>Process id of the hub that runs, or null.</summary>
    public int? HubProcess => int.TryParse(File.Exists(PidFile) ? File.ReadAllText(PidFile).Trim() : "", out var id) ? id : null;

    private string PidFile => Path.Combine(repository.Run, "hub.pid");

    /// <summary>Becomes the hub of this tree. Dispose the result to stop being it.</summary>
    /// <exception cref="UserException">Another one is.</exception>
    public IDisposable Acquire()
    {
        Directory.CreateDirectory(repository.Run);
        FileStream lockFile;
        try
        {
            lockFile = new FileStream(Path.Combine(repository.Run, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw AlreadyUp();
        }
        File.WriteAllText(PidFile, $"{Environment.ProcessId}\n");
        File.Delete(ControlSocket); // Of a hub that died.
        return new Held(() =>
        {
            File.Delete(ControlSocket);
            File.Delete(PidFile);
            lockFile.Dispose();
        });
    }

    /// <summary>Fails if a handset is up.</summary>
    public void RequireNone()
    {
        using var held = Acquire();
    }

    /// <summary>Waits until the hub has ended.</summary>
    public async Task WaitUntilFreeAsync(CancellationToken cancellation)
    {
        for (var end = DateTime.UtcNow.AddSeconds(10); DateTime.UtcNow < end; await Task.Delay(50, cancellation))
        {
            try
            {
                RequireNone();
                return;
            }
            catch (UserException)
            {
                // It still tidies up.
            }
        }
    }

    /// <summary>Connects to the hub, or gives null if there is none.</summary>
    public async Task<Socket?> TryConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlSocket), cancellation);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>The error for commands that need a handset.</summary>
    public static UserException NotUp() => new("No handset is up; start it with `pocket up`.", ExitCodes.WrongState);

    private static UserException AlreadyUp() => new("A handset is already up; see it with `pocket list`, or turn it off with `pocket down`.", ExitCodes.WrongState);

    private static string Name(string root) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(root)))[..12];

    private sealed class Held(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
