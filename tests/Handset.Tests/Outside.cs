using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Pocketvisor.Handsets.Tests;

/// <summary>
/// The network outside a handset, on the other end of its card: it sees every frame that leaves, and may send any. QEMU and it exchange a datagram
/// for each frame.
/// </summary>
public sealed class Outside : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("outside-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<byte[]> _frames = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _receiving;

    public Outside()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "outside")));
        _receiving = ReceiveAsync();
    }

    /// <summary>Whether every frame that comes is sent back, as a hub or a careless access point would.</summary>
    public bool Reflects { get; set; }

    /// <summary>QEMU's end, as the value of <c>-netdev</c> with the id "net".</summary>
    public string Backend =>
        $"dgram,id=net,local.type=unix,local.path={Handset},remote.type=unix,remote.path={Path.Combine(_folder.FullName, "outside")}";

    private string Handset => Path.Combine(_folder.FullName, "handset");

    /// <summary>Every frame that left the handset so far.</summary>
    public IReadOnlyList<byte[]> Frames
    {
        get
        {
            lock (_frames)
                return [.. _frames];
        }
    }

    /// <summary>Source addresses of the frames that left, each once.</summary>
    public IReadOnlySet<string> Senders => Frames.Select(frame => Address(frame, 6)).ToHashSet();

    /// <summary>Sends a frame to the handset's card.</summary>
    public void Send(byte[] frame) => _socket.SendTo(frame, new UnixDomainSocketEndPoint(Handset));

    /// <summary>An Ethernet frame with a payload that nobody understands.</summary>
    public static byte[] Frame(string to, string from, int payload = 100) =>
        [.. Bytes(to), .. Bytes(from), 0x88, 0xB5 /* local experimental */, .. new byte[payload]];

    public void Dispose()
    {
        _closing.Cancel();
        _receiving.GetAwaiter().GetResult();
        _socket.Dispose();
        _folder.Delete(recursive: true);
        _closing.Dispose();
    }

    private static string Address(byte[] frame, int at) => string.Join(':', frame.Skip(at).Take(6).Select(b => b.ToString("x2", null)));

    /// <summary>The six bytes of an address.</summary>
    public static byte[] Bytes(string address) => Convert.FromHexString(address.Replace(":", "", StringComparison.Ordinal));

    private async Task ReceiveAsync()
    {
        var buffer = new byte[65536];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer, SocketFlags.None, _closing.Token);
                byte[] frame = buffer[..length];
                lock (_frames) _frames.Add(frame);
                if (Reflects) Send(frame);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Closing, or the handset is off.
        }
    }
}
