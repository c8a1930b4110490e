using System;
using System.Collections.Generic;
using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Flash.Tests;
using Pocketvisor.Fuzz.Flash;
using Pocketvisor.Keeper.Flash;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Link;

/// <summary>A flash with a profile that runs, one that does not, and one that was half pushed.</summary>
internal sealed class KeptFiles : FilePolicy
{
    public const string Running = "wallet";

    private static readonly FakeDevice s_flash = Build();

    public FakeDevice Device { get; } = s_flash.Clone();

    /// <summary>Files by path that nobody may change.</summary>
    public static Dictionary<string, byte[]> OfRunning { get; } = Read(s_flash);

    public override uint Seconds => 1_800_000_000;

    public ProfileStore Mount()
    {
        ExFatVolume volume = new(Device);
        Demand(volume.Mount() == FlashStatus.Ok, "The flash can't be mounted.");
        return new ProfileStore(volume);
    }

    public override bool IsRunning(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name) == Running;

    public override void Changed(ReadOnlySpan<byte> name) => Demand(!IsRunning(name), "A profile changed that runs.");

    /// <summary>The files of the profile that runs.</summary>
    public static Dictionary<string, byte[]> Read(FakeDevice device)
    {
        Dictionary<string, byte[]> files = [];
        foreach ((string path, byte[] bytes) in PlainReader.Read(device).Files)
            if (("/" + path).Contains("/" + Running + "/")) files.Add(path, bytes);
        return files;
    }

    private static FakeDevice Build()
    {
        FakeDevice device = PlainVolume.Make();
        ExFatVolume volume = new(device);
        Demand(volume.Mount() == FlashStatus.Ok, "The seed can't be mounted.");
        ProfileStore store = new(volume);
        ProfilePush push = new(store);
        foreach (string name in new[] { Running, "work", "half" })
        {
            Demand(push.Begin(Encoding.UTF8.GetBytes(name), replace: false) == FlashStatus.Ok, "The seed can't be begun.");
            foreach ((string file, int length) in new[] { ("profile.json", 100), ("Image", 40_000) })
            {
                byte[] bytes = new byte[length];
                new Random(length).NextBytes(bytes);
                Demand(push.BeginFile(Encoding.UTF8.GetBytes(file), (ulong)length, anew: true) == FlashStatus.Ok, "The seed has no room.");
                for (int at = 0; at < length; at += 32768) Demand(push.Append(bytes.AsSpan(at, Math.Min(32768, length - at))) == FlashStatus.Ok, "The seed has no room.");
                push.EndFile();
            }

            if (name == "half")
            {
                push.Leave();
                continue;
            }

            Demand(push.Commit() == FlashStatus.Ok, "The seed can't be committed.");
            for (bool done = false; !done;) Demand(store.Finish(Encoding.UTF8.GetBytes(name), out done) == FlashStatus.Ok, "The seed can't be finished.");
        }

        Demand(volume.Flush() == FlashStatus.Ok, "The seed can't be flushed.");
        Demand(Read(device).Count == 3, "The seed lacks the profile that runs."); // its folder, and two files
        return device;
    }
}
