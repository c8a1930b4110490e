using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Pocketvisor.Flash;
using Pocketvisor.Flash.Tests;
using Pocketvisor.Handsets;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Profiles;

namespace Pocketvisor.Link.Tests;

/// <summary>The keeper's end of the link with flash in memory, on a thread of its own.</summary>
public sealed class FakeKeeper : IAsyncDisposable
{
    private readonly LinkServer _server;
    private readonly Thread _thread;
    private readonly Sha256Digest _sha = new();
    private volatile bool _stop;

    public FakeKeeper(FakeDevice device)
    {
        Device = device;
        Store = Mount(device);
        Files = new FileService(Store, _sha, Policy);
        _server = new LinkServer(Cable, new Handler(Calls), Files, new Bell(), 4);
        _thread = new Thread(() =>
        {
            while (!_stop)
            {
                lock (Store) _server.Poll();
                if (!_server.HasMore) Cable.Arrived.WaitOne(1);
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    public FakeDevice Device { get; }

    public ProfileStore Store { get; }

    public FileService Files { get; }

    public Policies Policy { get; } = new();

    public Cable Cable { get; } = new();

    public LinkServer Server => _server;

    /// <summary>What it was asked to do with profiles.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    public static ProfileStore Mount(FakeDevice device)
    {
        ExFatVolume volume = new(device);
        if (volume.Mount() != FlashStatus.Ok) throw new InvalidOperationException(Encoding.UTF8.GetString(volume.Problem));
        return new ProfileStore(volume);
    }

    /// <summary>A PC that has introduced itself.</summary>
    public async Task<LinkClient> ConnectAsync(Cable.PcEnd end = null, double timeout = 10)
    {
        LinkClient client = new(end ?? Cable.Pc) { AnswerTimeout = TimeSpan.FromSeconds(timeout) };
        client.Start();
        await client.HelloAsync().WaitAsync(TimeSpan.FromSeconds(10));
        return client;
    }

    public ValueTask DisposeAsync()
    {
        _stop = true;
        _thread.Join();
        _sha.Dispose();
        return ValueTask.CompletedTask;
    }

    public sealed class Policies : FilePolicy
    {
        public List<string> Running { get; } = [];

        public List<string> Changes { get; } = [];

        public override uint Seconds => 1_800_000_000;

        public override bool IsRunning(ReadOnlySpan<byte> name) => Running.Contains(Encoding.UTF8.GetString(name));

        public override void Changed(ReadOnlySpan<byte> name) => Changes.Add(Encoding.UTF8.GetString(name));
    }

    private sealed class Bell : Doorbell
    {
        public override void Ring()
        {
        }
    }

    private sealed class Handler(ConcurrentQueue<string> calls) : LinkHandler
    {
        private readonly Stopwatch _time = Stopwatch.StartNew();

        public override int ProfileCount => 2;

        public override ulong Now => (ulong)_time.Elapsed.Ticks * 100;

        public override uint NewKey() => (uint)Random.Shared.Next();

        public override void Hello(LinkHelloReply reply) => reply.Cores = 4;

        // Slot 0 is empty.
        public override bool TryDescribe(int profile, LinkProfileRecord record)
        {
            if (profile == 0) return false;
            record.Name = "work"u8;
            return true;
        }

        public override void Owners(LinkOwnersReply reply)
        {
        }

        public override LinkStatus Start(int profile, Text reason) => Record($"start {profile}");

        public override LinkStatus Stop(int profile, bool force, Text reason) => Record($"stop {profile} {force}");

        public override LinkStatus Restart(int profile, bool force, Text reason) => Record($"restart {profile} {force}");

        public override LinkStatus Shutdown(bool force, Text reason) => Record($"shutdown {force}");

        public override void Resize(int profile, int columns, int rows) => Record($"resize {profile}");

        public override void Input(int profile, ReadOnlySpan<byte> bytes) => Record($"input {profile} {Encoding.UTF8.GetString(bytes)}");

        private LinkStatus Record(string call)
        {
            calls.Enqueue(call);
            return LinkStatus.Ok;
        }
    }
}
