using System.Net.Sockets;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Hub;

/// <summary>
/// What a handset that is up leaves in <c>.pocket/run/NAME/</c>: a lock that its hub holds, the socket on which the hub listens, and its log.
/// </summary>
public sealed class RunState(Repository repository, string handset)
{
    // A socket's address holds 108 bytes; a deep source tree has longer paths.
    private const int LongestSocketPath = 100;

    /// <summary>The handset's name.</summary>
    public string Handset => handset;

    /// <summary>Where all of it is.</summary>
    public string Folder => Path.Combine(repository.Run, handset);

    /// <summary>Where the hub listens.</summary>
    public string ControlSocket
    {
        get
        {
            var path = Path.Combine(Folder, "control.sock");
            return path.Length <= LongestSocketPath ? path : Path.Combine(Path.GetTempPath(), $"pocket-{Environment.UserName}-{Name(Folder)}.sock");
        }
    }

    /// <summary>What the handset's serial port and the keeper's log said, line by line.</summary>
    public string LogFile => Path.Combine(Folder, "handset.log");

    /// <summary>Output of a hub in the background.</summary>
    public string HubOutput => Path.Combine(Folder, "hub.log");

    /// <summary>Process id of the hub that runs, or null.</summary>
    public int? HubProcess => int.TryParse(File.Exists(PidFile) ? File.ReadAllText(PidFile).Trim() : "", out var id) ? id : null;

    private string PidFile => Path.Combine(Folder, "hub.pid");

    /// <summary>Becomes the handset's hub. Dispose the result to stop being it.</summary>
    /// <exception cref="UserException">Another one is.</exception>
    public IDisposable Acquire()
    {
        Directory.CreateDirectory(Folder);
        FileStream lockFile;
        try
        {
            lockFile = new FileStream(Path.Combine(Folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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

    /// <summary>Fails if the handset is up.</summary>
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

    /// <summary>The error for commands that need this handset.</summary>
    public UserException NotUp() => new($"{handset} is not up; start it with `pocket up {handset}`.", ExitCodes.WrongState);

    /// <summary>The run states of the handsets that are up, in the order of their names.</summary>
    public static async Task<IReadOnlyList<RunState>> UpAsync(Repository repository, CancellationToken cancellation)
    {
        List<RunState> up = [];
        foreach (var state in All(repository))
        {
            using var hub = await state.TryConnectAsync(cancellation);
            if (hub is not null)
                up.Add(state);
        }
        return up;
    }

    /// <summary>The run states of all handsets that were ever up.</summary>
    public static IEnumerable<RunState> All(Repository repository) => !Directory.Exists(repository.Run) ? [] :
        Directory.GetDirectories(repository.Run).Order(StringComparer.Ordinal).Select(path => new RunState(repository, Path.GetFileName(path)));

    private UserException AlreadyUp() => new(
        $"{handset} is up already; see it with `pocket list`, or turn it off with `pocket down`. Another handset can be up beside it: see `pocket handset --help`.", ExitCodes.WrongState);

    private static string Name(string folder) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(folder)))[..12];

    private sealed class Held(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
