using System.Security.Cryptography;
using Pocketvisor.Flash;
using Pocketvisor.Link;

namespace Pocketvisor.Handsets;

// How a session begins: docs/link-protocol.md, "Keys".
public sealed partial class LinkClient
{
    // Also while it boots: an emulated one, on a busy machine, hears several of them at once then, and answers each.
    private static readonly TimeSpan TimeBetweenKnocks = TimeSpan.FromSeconds(3);

    private const int WelcomeBytes = 12;

    private uint _keeperKey;

    /// <summary>What the keeper has to know, so that its bytes are frames. <see cref="HelloAsync"/> tells it.</summary>
    public uint Key { get; init; } = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    /// <summary>
    /// Introduces the PC, as often as it takes until the keeper is there. The keeper answers, sends what it has kept of consoles and log, and from then on sends events.
    /// </summary>
    /// <exception cref="HandsetException">The keeper speaks another version.</exception>
    public async Task<HandsetInfo> HelloAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            try
            {
                var key = new byte[4];
                LittleEndian.WriteU32(key, 0, Key);
                var welcome = await RequestAsync(LinkFrameType.Knock, LinkProtocol.Handset, key, WelcomeBytes, cancellation, TimeBetweenKnocks).ConfigureAwait(false);
                if (LittleEndian.ReadU32(welcome, 0) is not LinkProtocol.Version and var version)
                    throw new HandsetException($"The keeper speaks version {version} of the link and this program {LinkProtocol.Version}: run `pocket build`, then `pocket up` again.");
                _keeperKey = LittleEndian.ReadU32(welcome, 4);
                var payload = new byte[8];
                LittleEndian.WriteU32(payload, 0, LinkProtocol.Version);
                LittleEndian.WriteU32(payload, 4, Key);
                return Info(await RequestAsync(LinkFrameType.Hello, LinkProtocol.Handset, payload, LinkHelloReply.Bytes, cancellation).ConfigureAwait(false));
            }
            catch (NoAnswerException)
            {
                // It boots, or a frame was lost, or the key is another one by now.
            }
        }
    }

    // A profile's console can say a Welcome, too, but not with our key.
    private bool IsForged(LinkFrame frame) =>
        frame.Type == LinkFrameType.Welcome && (frame.Payload.Length != WelcomeBytes || LittleEndian.ReadU32(frame.Payload, 8) != Key);

    private static HandsetInfo Info(byte[] payload)
    {
        var reply = new LinkHelloReply(payload);
        return new HandsetInfo(reply.Version, reply.Cores, reply.Profiles, reply.Memory, reply.HypervisorBytes, reply.KeeperBytes);
    }
}
