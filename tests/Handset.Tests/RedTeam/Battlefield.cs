using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Pocketvisor.Link;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>*personal* and every attacker, which are off at first: bare guests on one handset, a hostile Linux and a hostile disk driver on the other.</summary>
public sealed partial class Battlefield : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, Outcome> _outcomes = [];
    private readonly HostilePhone _phone = new();
    private Handset _bare;

    public async Task InitializeAsync()
    {
        IEnumerable<CpioEntry> medium = Boots.Debian(Neighbour.Name, 1);
        foreach (var attack in Attacks.All.Where(attack => attack.IsBare && !attack.HasDisk))
            medium = medium.Concat(Boots.Guest(attack.Name, attack.Guest, attack.CommandLine, attack.Cores));
        _bare = await Boots.StartAsync(2, medium);
        await _bare.ShellAsync(Neighbour.Name);
        await Neighbour.HideSecretAsync(_bare);
        await _phone.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        if (_bare is not null) await _bare.DisposeAsync();
        await _phone.DisposeAsync();
    }

    /// <summary>What comes of an attack. Each is made once.</summary>
    public async Task<Outcome> OutcomeAsync(Attack attack)
    {
        if (!_outcomes.TryGetValue(attack.Name, out var outcome)) _outcomes[attack.Name] = outcome = await AttackAsync(attack);
        return outcome;
    }

    private async Task<Outcome> AttackAsync(Attack attack)
    {
        var handset = attack.IsBare && !attack.HasDisk ? _bare : _phone.Handset;
        var neighbour = await Neighbour.LookAsync(handset);
        string harm = attack.IsBare ? await AttackBareAsync(handset, attack, neighbour) : await _phone.AttackAsync(attack, neighbour);
        string refusal = harm is null ? string.Format(CultureInfo.InvariantCulture, attack.Refusal, Counts(handset, attack)) : $"NOT REFUSED: {harm}";
        return new Outcome(refusal, await neighbour.DescribeAsync());
    }

    // What it was not stopped from, or null.
    private static async Task<string> AttackBareAsync(Handset handset, Attack attack, Neighbour neighbour)
    {
        var console = handset.Console(attack.Name);
        int log = handset.Log.Count;
        await handset.Link.StartProfileAsync(handset.Index(attack.Name)); // it may have failed before anyone sees it run
        await console.WaitForAsync(attack.Sign, TimeSpan.FromSeconds(120));
        if (attack.Kind == AttackKind.GoesOn)
        {
            return await neighbour.OutlivesAsync(attack.Name);
        }
        var expected = attack.Kind == AttackKind.IsStopped ? LinkProfileState.Failed : LinkProfileState.Off;
        var end = (await handset.WaitForStateAsync(attack.Name, [LinkProfileState.Failed, LinkProfileState.Off], s_limit)).State;
        if (console.Text.Contains(attack.Alarm, StringComparison.Ordinal)) return console.Text;
        if (end != expected) return $"it is {end}: {console.Text}{string.Join('\n', handset.Log.Skip(log))}";
        return attack.Kind == AttackKind.IsStopped && !handset.Log.Skip(log).Any(line => line.Contains("fault", StringComparison.Ordinal)) ? "no report" : null;
    }

    // "guest: hypercalls: refused 24960" and the like.
    private static string Counts(Handset handset, Attack attack) => attack.Kind != AttackKind.Ends ? "" :
        string.Join(", ", CountLine().Matches(handset.Console(attack.Name).Text).Select(match => $"{match.Groups[1].Value} {long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture).ToString("#,0", CultureInfo.InvariantCulture)}"));

    [GeneratedRegex(@"guest: [a-z]+: ([a-z' ]+) (\d+)")]
    private static partial Regex CountLine();
}
