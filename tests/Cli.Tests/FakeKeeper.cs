using System.Net.Sockets;
using Pocketvisor.Handsets;
using Pocketvisor.Link;

namespace Pocketvisor.Cli.Tests;

/// <summary>The keeper's end of a link, which says exactly what a test wants.</summary>
internal sealed class FakeKeeper : IAsyncDisposable
{
    /// <summary>The PC's.</summary>
    public const uint Key = 0x0102_0304;

    private readonly Socket _socket;
    private readonly LinkReceiver _receiver = new();

    private FakeKeeper(Socket keeper, Socket pc)
    {
        _socket = keeper;
        Client = new LinkClient(new NetworkStream(pc, ownsSocket: true)) { Key = Key };
    }

    public LinkClient Client { get; }

    /// <summary>Its own key; 0 until it has told it.</summary>
    public uint KeeperKey { set => _receiver.Key = value; }

    public static async Task<FakeKeeper> CreateAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        var pc = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await pc.ConnectAsync(listener.LocalEndPoint!);
        var keeper = await listener.AcceptAsync();
        keeper.NoDelay = true;
        return new FakeKeeper(keeper, pc);
    }

    /// <summary>A frame as bytes.</summary>
    public static byte[] Frame(LinkFrameType type, ushort profile, ushort id, params ReadOnlySpan<byte> payload)
    {
        var frame = new byte[LinkProtocol.HeaderBytes + payload.Length];
        LinkFrame.Write(frame, type, profile, payload, id, Key);
        return frame;
    }

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes);

    /// <summary>The next frame from the PC.</summary>
    public async Task<(LinkFrameType Type, ushort Profile, ushort Id, byte[] Payload)> ReceiveAsync()
    {
        var buffer = new byte[1024];
        while (true)
        {
            if (TryRead(out var frame))
                return frame;
            var count = await _socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(10));
            Assert.NotEqual(0, count);
            _receiver.Feed(buffer.AsSpan(0, count));
        }
    }

    public void HangUp() => _socket.Close();

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await Client.DisposeAsync();
    }

    private bool TryRead(out (LinkFrameType, ushort, ushort, byte[]) result)
    {
        var found = _receiver.TryRead(out var frame);
        result = found ? (frame.Type, frame.Profile, frame.RequestId, frame.Payload.ToArray()) : default;
        return found;
    }
}
