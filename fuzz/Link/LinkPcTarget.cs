using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Handsets;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Link;

/// <summary>
/// A keeper that answers anything to the PC's requests. Each comes to its end, in an answer or a <see cref="HandsetException"/>, and a pulled profile stays in its folder.
/// </summary>
public sealed class LinkPcTarget : IFuzzTarget
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(3);
    private static readonly string s_mine = Mine();

    public IEnumerable<byte[]> Seeds =>
    [
        [1, 1, 0, 0, 0, 0, 1, 0, .. new byte[20], 1, .. new byte[12]],            // Welcome, HelloReply
        [2, 1, 0, 7, 0, 2, .. new byte[200], 1, 2, 0, .. new byte[40]],            // ListReply
        [8, 3, 2, 5, 0, 1, 0, 0, 2, 2, 2, 6, 0, 1, 0, 0, 2, 0, 1, 0, 1, 0, 2, .. new byte[20]], // StoreEntry twice, StoreReply
        [0x40, 1, 0, 1, 0, 1, 0, 0, .. new byte[200]],
        [3, 1, 0, 0, 0, 0, 1, 0, .. new byte[12], 1, 3, 1, 0, 0, 3, 2, 2, 10, 0, 0, 0, 0, 0, 0, 2, 20, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 1, 3, 1, 0, 0, 1, 0, 10, 0, 0, 0, .. new byte[200]],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        byte what = choices.Byte();
        string parent = Directory.CreateTempSubdirectory("pocket-fuzz-").FullName;
        try
        {
            string folder = Directory.CreateDirectory(Path.Combine(parent, "profiles")).FullName;
            Demand(Task.Run(() => RunAsync(what, choices, folder)).Wait(s_hang), "A request does not come to its end.");
            Demand(Directory.GetFileSystemEntries(parent).Length == 1, "A file lies outside the folder.");
            Demand(Directory.GetFileSystemEntries(folder).All(entry => Path.GetFileName(entry).StartsWith("work") || Path.GetFileName(entry).StartsWith(".work")), "A file lies outside the profile.");
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }
    }

    // What is pushed; the same folder for every run of this program.
    private static string Mine()
    {
        string folder = Directory.CreateTempSubdirectory("pocket-fuzz-mine-").FullName;
        File.WriteAllText(Path.Combine(folder, "profile.json"), "{}");
        File.WriteAllBytes(Path.Combine(folder, "Image"), new byte[70_000]);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private static async Task RunAsync(byte what, Choices choices, string folder)
    {
        await using LinkClient link = new(new WildKeeper(choices)) { Key = 0 };
        long heard = 0;
        link.Output += (profile, bytes) => heard += profile + bytes.Length;
        link.Log += line => heard += line.Length;
        link.StateChanged += change => heard += change.Profile;
        link.Start();
        Task requests = AskAsync(what, link, folder);
        if (await Task.WhenAny(requests, link.Closed) == link.Closed) await link.Closed; // the end of the link, or what its reader has thrown
        await requests;
    }

    private static async Task AskAsync(byte what, LinkClient link, string folder)
    {
        LinkStore store = new(link);
        Func<Task>[] all =
        [
            async () => await link.HelloAsync(),
            async () => await link.ListAsync(),
            async () => await link.OwnersAsync(),
            async () => await store.ListAsync(),
            async () => await link.StopProfileAsync(1, force: true),
            async () => await store.PullAsync("work", folder),
            async () => await store.PushAsync("mine", s_mine, ["profile.json", "Image"], replace: (what & 0x80) != 0),
        ];
        for (int i = 0; i < all.Length; i++)
        {
            if ((what & 1 << i) == 0) continue;
            try
            {
                await all[i]();
            }
            catch (HandsetException e)
            {
                Demand(e.Message.Length != 0, "A request fails without a sentence.");
            }
        }
    }
}
