using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Handsets.Tests.Faults;

/// <summary>A cable that flips and drops bytes: what is asked over it is answered rightly or ends with a sentence, files are right, and nobody hangs, the keeper neither.</summary>
public sealed class GarbledLinkTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task AnswersAreRightOrASentenceAndTheNextCableFindsAHandsetThatWorks()
    {
        using TestFlash flash = new(64);
        byte[] random = new byte[(1 << 20) + 7];
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        new Random(seed).NextBytes(random);
        string folder = flash.Make(Boots.Bare("moved"), ("guest.bin", Boots.Image("Spin")), ("data.bin", random));
        string socket = Path.Combine(flash.Folder, "link");
        List<string> serial = [];
        await using var qemu = QemuProcess.Start(
            QemuProcess.Arguments(new HandsetOptions { Image = SourceTree.Image, Flash = flash.Image, Cores = 2, Network = null }, null, socket), serial.Add);
        int failures = 0;
        for (int cable = 0; cable < 8; cable++)
        {
            await using LinkClient link = await ConnectAsync(socket, new Random(seed + cable));
            try
            {
                using CancellationTokenSource hello = new(TimeSpan.FromSeconds(3));
                await link.HelloAsync(hello.Token);
                await using LinkStore store = new(link);
                Task push = store.PushAsync("moved", folder, TestFlash.Files(folder), replace: true);
                Assert.All((await link.ListAsync()).Profiles, profile => Assert.Equal(("moved", 1, LinkProfileState.Off), (profile.Name, profile.Cores, profile.State)));
                await link.InputAsync(0, new byte[100]);
                await push.WaitAsync(s_limit);
            }
            catch (Exception e) when (e is HandsetException or OperationCanceledException)
            {
                failures++;
                output.WriteLine($"cable {cable}: {e.Message}");
            }
        }
        Assert.InRange(failures, 1, 8);

        await using LinkClient whole = await ConnectAsync(socket, null);
        using CancellationTokenSource limit = new(s_limit);
        await whole.HelloAsync(limit.Token);
        await using LinkStore last = new(whole);
        await last.PushAsync("moved", folder, TestFlash.Files(folder), replace: true).WaitAsync(s_limit);
        string into = Directory.CreateDirectory(Path.Combine(flash.Folder, "into")).FullName;
        await last.PullAsync("moved", into).WaitAsync(s_limit);
        Assert.Equal(random, File.ReadAllBytes(Path.Combine(into, "moved", "data.bin")));
        Assert.DoesNotContain(serial.ToArray(), line => line.Contains("panic", StringComparison.Ordinal));
    }

    private static async Task<LinkClient> ConnectAsync(string path, Random garble)
    {
        for (var end = DateTime.UtcNow + s_limit; ; await Task.Delay(50))
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            }
            catch (SocketException) when (DateTime.UtcNow < end)
            {
                socket.Dispose();
                continue;
            }
            NetworkStream stream = new(socket, ownsSocket: true);
            LinkClient link = new(garble is null ? stream : new GarblingStream(stream, garble)) { AnswerTimeout = TimeSpan.FromSeconds(2) };
            link.Start();
            return link;
        }
    }

    /// <summary>Of every fifty pieces that pass, in either direction, one loses a byte and one has a wrong one.</summary>
    private sealed class GarblingStream(Stream inner, Random random) : Stream
    {
        private readonly Lock _lock = new();

        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation = default)
        {
            int count = await inner.ReadAsync(buffer, cancellation);
            return count <= 1 ? count : Garble(buffer.Span[..count]);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation = default)
        {
            byte[] copy = buffer.ToArray();
            await inner.WriteAsync(copy.AsMemory(0, Garble(copy)), cancellation);
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        private int Garble(Span<byte> bytes)
        {
            lock (_lock)
            {
                int what = random.Next(50), at = random.Next(bytes.Length);
                if (what == 0) bytes[at] ^= (byte)(1 << random.Next(8));
                if (what != 1) return bytes.Length;
                bytes[(at + 1)..].CopyTo(bytes[at..]);
                return bytes.Length - 1;
            }
        }
    }
}
