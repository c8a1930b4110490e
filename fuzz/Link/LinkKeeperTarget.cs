using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Flash.Tests;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Link;
using Pocketvisor.Profiles;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Link;

/// <summary>
/// A PC that sends anything to the keeper, files among it. The keeper's frames stay readable, it acts on profiles that it has, the files of a profile that runs stay, and
/// in the end the volume is whole, as a second, simple reader sees it.
/// </summary>
public sealed class LinkKeeperTarget : IFuzzTarget
{
    private static readonly byte[][] s_names =
        [.. new[] { "work", "half", KeptFiles.Running, "new", "WALLET", "profile.json", "Image", "root.img", "..", "", "work.new" }.Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[] s_data = new byte[LinkProtocol.MaxPayload];

    // Frames as Send takes them: kind of payload first.
    public IEnumerable<byte[]> Seeds =>
    [
        [0, 0, 0x00, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0x01, 1, 0, 8, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x02, 1, 0, 0, 1, 0, 0, 0x07, 1, 0, 0, 1],                      // Knock, Hello, List, Owners
        [0, 0, 0x03, 1, 0, 0, 0, 0, 0x04, 1, 0, 1, 1, 0, 0, 0x05, 1, 0, 3, 65, 66, 67, 0, 0, 0x0A, 1, 0, 4, 80, 0, 24, 0, 1],                              // Start, Stop, Input, Resize
        [0, 0, 0x10, 2, 0, 0, 1, 1, 0, 1, 0x11, 2, 0, 0, 0, 1, 0, 1, 0x11, 2, 0, 1, 1, 1],                                                                // Store, Files
        [0, 1, 0x18, 3, 0, 0, 3, 0, 2, 0x1A, 4, 0, 5, 0, 0, 5, 0, 3, 0x1B, 4, 0, 0, 0, 5, 0, 0, 0, 0x1D, 5, 0, 0, 0, 0, 0x1E, 6, 0, 0, 1, 1],              // a push
        [0, 1, 0x18, 3, 0, 1, 1, 0, 2, 0x1A, 4, 0, 0x40, 0x9C, 0, 6, 0, 5, 0x22, 4, 0, 0x80, 0, 1, 1, 0, 0, 0x23, 7, 0, 2, 3, 0, 1],                       // one that is continued
        [0, 4, 0x20, 3, 0, 0, 0, 4, 0x21, 4, 0, 6, 0, 0, 0x08, 4, 0, 4, 8, 0, 0, 0, 1, 1, 1, 1],                                                          // a pull
        [0, 1, 0x12, 2, 0, 0, 0, 1, 1, 0, 1, 0x12, 2, 0, 0, 2, 1, 0, 1, 0x12, 2, 0, 1, 1, 1, 1],                                                          // removals
        [5, 20, 0x51, 3, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0x51, 2, 0, 0, 0, 0, 1, 0, 1, 4, 200, 1, 2, 7, 1, 6, 1, 1, 3, 0, 1],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        KeptFiles flash = new();
        ProfileStore store = flash.Mount();
        using Sha256Digest sha = new();
        FileService files = new(store, sha, flash);
        FakeStream cable = new();
        FakeHandler handler = new();
        FakeDoorbell doorbell = new();
        LinkServer server = new(cable, handler, files, doorbell, 2);
        ProfileConsole[] consoles = [new(256, doorbell), new(256, doorbell)];
        for (int i = 0; i < consoles.Length; i++) server.Attach(i, consoles[i]);
        while (choices.HasMore)
        {
            switch (choices.Byte() % 9)
            {
                case 0: Send(cable, choices); break;
                case 1: server.Poll(); break;
                case 2: consoles[choices.Byte() % 2].Output(choices.Bytes(choices.Byte())); break;
                case 3: server.StateChanged(choices.Byte() % 2, (LinkProfileState)(choices.Byte() % 5), choices.Bytes(choices.Byte() % 64)); break;
                case 4: handler.Time += (ulong)choices.Byte() << 24; break;
                case 5: cable.Send(choices.Bytes(choices.Byte()).ToArray()); break;
                case 6: cable.Room = choices.Byte() % 2 == 0 ? choices.U16() : int.MaxValue; break;
                case 7: cable.NextSession = choices.Byte(); break;
                case 8: server.Log(choices.Bytes(choices.Byte())); break;
            }

            Check(cable, handler);
        }

        // The PC goes; what was begun on the flash comes to its end.
        cable.Room = int.MaxValue;
        cable.NextSession += 256;
        for (int i = 0; i < 10_000 && (files.IsBusy || i == 0); i++) server.Poll();
        Check(cable, handler);
        Demand(!files.IsBusy, "What was begun on the flash does not end.");
        Demand(store.Volume.Flush() == FlashStatus.Ok, "The volume is damaged.");
        Dictionary<string, byte[]> kept = KeptFiles.Read(flash.Device);
        Demand(kept.Count == KeptFiles.OfRunning.Count && kept.All(file => KeptFiles.OfRunning.TryGetValue(file.Key, out byte[] bytes) && bytes.AsSpan().SequenceEqual(file.Value)), "Files changed of a profile that runs.");
        flash.Mount();
    }

    private static void Check(FakeStream cable, FakeHandler handler)
    {
        foreach ((LinkFrameType type, _, _, byte[] payload) in cable.Frames()) // throws if they are none
            Demand(type >= LinkFrameType.Welcome && payload.Length <= LinkProtocol.MaxPayload, "The keeper sends what is no answer.");
        foreach (string call in handler.Calls)
        {
            string[] words = call.Split(' ');
            Demand(words[0] == "shutdown" || words[1] is "0" or "1", "The keeper acts on a profile that it does not have.");
        }

        handler.Calls.Clear();
    }

    private static void Send(FakeStream cable, Choices choices)
    {
        int kind = choices.Byte() % 6;
        LinkFrameType type = (LinkFrameType)choices.Byte();
        ushort id = choices.Byte();
        byte profile = choices.Byte();
        byte[] payload = kind switch
        {
            0 => choices.Bytes(choices.Byte()).ToArray(),
            1 => [choices.Byte(), .. Name(choices)],
            2 => [.. BitConverter.GetBytes((ulong)choices.U16()), choices.Byte(), .. Name(choices)],
            3 => [.. BitConverter.GetBytes((ulong)choices.Byte() * LinkProtocol.FileBlockBytes), .. s_data.AsSpan(0, Math.Min((int)choices.U16(), LinkProtocol.FileBlockBytes))],
            4 => [.. Name(choices)],
            _ => [.. BitConverter.GetBytes((ulong)choices.U16() * (choices.Byte() % 2 == 0 ? 1ul : 0x8000)), .. BitConverter.GetBytes(choices.U32())[..(choices.Byte() % 5)]],
        };
        if (type == LinkFrameType.Hello && payload.Length == 8) payload.AsSpan(4).Clear(); // the key that the cable's other end has
        cable.Send(type, profile == 255 ? LinkProtocol.Handset : profile, payload, id);
    }

    private static byte[] Name(Choices choices) => s_names[choices.Byte() % s_names.Length];
}
