using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Link;

namespace Pocketvisor.Handsets.Tests;

/// <summary>What can be seen of *personal* while somebody attacks: its secret in memory, its disk if it has one, its clock, its network card.</summary>
internal sealed class Neighbour
{
    public const string Name = "personal";

    private readonly Handset _handset;
    private readonly string _state;
    private readonly OwnerTable _owners;

    private Neighbour(Handset handset, string state, OwnerTable owners) => (_handset, _state, _owners) = (handset, state, owners);

    /// <summary>Looks at it before an attack.</summary>
    public static async Task<Neighbour> LookAsync(Handset handset) => new(handset, await StateAsync(handset), await handset.OwnersAsync());

    /// <summary>Puts a secret into its memory, once.</summary>
    public static Task HideSecretAsync(Handset handset) => handset.AskAsync(Name, "head -c 16000000 /dev/urandom > /tmp/secret");

    /// <summary>It answers, again and again, and reads its disk, beside an attacker that runs on until it is stopped by force.</summary>
    /// <returns>What is wrong, or null.</returns>
    public async Task<string> OutlivesAsync(string attacker)
    {
        string harm = null;
        for (int i = 0; i < 3 && harm is null; i++)
        {
            string now = await StateAsync(_handset);
            if (now != _state) harm = $"beside it the neighbour's {_state} became {now}";
            await Task.Delay(500);
        }
        var state = (await _handset.StatusAsync(attacker)).State;
        if (state != LinkProfileState.Running) harm ??= $"it is {state}";
        await _handset.StopAsync(attacker, force: true);
        return harm;
    }

    /// <summary>How it is now, in words, after the attacker is gone.</summary>
    public async Task<string> DescribeAsync()
    {
        List<string> harm = [];
        try
        {
            string now = await StateAsync(_handset);
            if (now != _state) harm.Add($"CHANGED from {_state} to {now}");
        }
        catch (TimeoutException)
        {
            harm.Add("DOES NOT ANSWER");
        }
        if (await _handset.OwnersAsync() != _owners) harm.Add("PAGES HAVE MOVED");
        return harm.Count == 0 ? $"answers; {string.Join(", ", _state.Split('\n').Select(line => line.Split(' ')[0]))}, pages as before" : string.Join("; ", harm);
    }

    // A line for each thing that it has: a name and its state. The disk itself is read, not what Linux remembers of it. Of its clock the year: the attacker sets its own to another one.
    private static async Task<string> StateAsync(Handset handset)
    {
        string said = await handset.AskAsync(
            Name,
            "echo 1 > /proc/sys/vm/drop_caches; echo memory $(sha256sum </tmp/secret); [ ! -b /dev/vda ] || echo disk $(sha256sum </dev/vda); echo clock $(hwclock -r -u | grep -o 20[0-9][0-9]); [ ! -d /sys/class/net/eth0 ] || echo network $(cat /sys/class/net/eth0/statistics/rx_packets)",
            TimeSpan.FromSeconds(60));
        return said.ReplaceLineEndings("\n");
    }
}
