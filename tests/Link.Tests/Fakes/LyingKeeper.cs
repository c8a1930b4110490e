using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Pocketvisor.Flash;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Link.Tests;

/// <summary>A keeper that has one profile, "work", and says of it what a test wants.</summary>
public sealed class LyingKeeper : IAsyncDisposable
{
    private readonly Cable _cable = new();
    private readonly Thread _thread;
    private volatile bool _stop;

    public LyingKeeper()
    {
        Link = new LinkClient(_cable.Pc) { Key = 0, AnswerTimeout = TimeSpan.FromSeconds(3) };
        Link.Start();
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    public LinkClient Link { get; }

    /// <summary>Names and lengths that it lists.</summary>
    public List<(string Name, ulong Length)> Files { get; } = [("profile.json", 10)];

    /// <summary>What it says at the first credit.</summary>
    public List<(LinkFrameType Type, byte[] Payload)> Contents { get; set; } = [];

    /// <summary>Of files for which it says something else.</summary>
    public Dictionary<string, List<(LinkFrameType Type, byte[] Payload)>> ContentsOf { get; } = [];

    public static byte[] At(ulong offset, params byte[] bytes) => [.. BitConverter.GetBytes(offset), .. bytes];

    public static byte[] Digest(string file, byte[] bytes)
    {
        using Sha256Digest sha = new();
        ContentDigest digest = new(sha);
        digest.Begin("work"u8, Encoding.ASCII.GetBytes(file));
        digest.Append(0, bytes);
        byte[] result = new byte[32];
        digest.Finish((ulong)bytes.Length, result);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        _stop = true;
        _thread.Join();
        await Link.DisposeAsync();
    }

    private void Serve()
    {
        LinkReceiver receiver = new();
        bool streamed = false;
        string opened = "";
        while (!_stop)
        {
            receiver.Received(_cable.Read(receiver.Room()));
            if (!receiver.TryRead(out LinkFrame request))
            {
                _cable.Arrived.WaitOne(1);
                continue;
            }

            ushort id = request.RequestId;
            switch (request.Type)
            {
                case LinkFrameType.Files:
                    foreach (var (file, length) in Files)
                        Say(id, LinkFrameType.FileEntry, [.. BitConverter.GetBytes(length), .. BitConverter.GetBytes(length), .. Encoding.UTF8.GetBytes(file)]);
                    Say(id, LinkFrameType.FilesReply, BitConverter.GetBytes(Files.Count));
                    break;
                case LinkFrameType.PullFile:
                    opened = Encoding.UTF8.GetString(request.Payload);
                    streamed = false;
                    Say(id, LinkFrameType.FileReply, BitConverter.GetBytes(Files.Find(file => file.Name == opened).Length));
                    break;
                case LinkFrameType.Credit when !streamed:
                    streamed = true;
                    foreach (var (type, payload) in ContentsOf.GetValueOrDefault(opened, Contents)) Say(id, type, payload);
                    break;
                case LinkFrameType.Credit:
                    break;
                default:
                    Say(id, LinkFrameType.Reply, [0]);
                    break;
            }
        }

        void Say(ushort id, LinkFrameType type, byte[] payload)
        {
            byte[] frame = new byte[LinkProtocol.HeaderBytes + payload.Length];
            LinkFrame.Write(frame, type, LinkProtocol.Handset, payload, id);
            while (!_cable.TryWrite(frame) && !_stop) Thread.Sleep(1);
        }
    }
}
