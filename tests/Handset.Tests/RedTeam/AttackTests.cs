using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>Each attack is refused, its neighbour notices nothing, and docs/security.md says what happened.</summary>
public sealed class AttackTests(Battlefield battlefield) : IClassFixture<Battlefield>
{
    private const string Begin = "<!-- The table of AttackTests. POCKET_WRITE_ATTACKS=1 writes it. -->", End = "<!-- End of the table. -->";

    private static readonly string s_document = Path.Combine(SourceTree.Root, "docs", "security.md");

    public static TheoryData<string> Names => [.. Attacks.All.Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task AnAttackIsRefused(string name)
    {
        var outcome = await battlefield.OutcomeAsync(Attacks.All.Single(attack => attack.Name == name));
        Assert.DoesNotContain("NOT REFUSED", outcome.Refusal, StringComparison.Ordinal);
        Assert.StartsWith("answers; ", outcome.Neighbour, StringComparison.Ordinal);
    }

    /// <summary>Those that count must have tried something.</summary>
    [Fact]
    public async Task HypercallsAndRegistersAreAllTriedAndAllRefused()
    {
        Assert.Contains("keeper's calls tried 24,576", (await OutcomeAsync("hypercalls")).Refusal, StringComparison.Ordinal);
        Assert.Contains("accepted 0", (await OutcomeAsync("hypercalls")).Refusal, StringComparison.Ordinal);
        Assert.Contains("tried 64, undefined 64", (await OutcomeAsync("registers")).Refusal, StringComparison.Ordinal);
        Assert.Contains("mistakes of the device 0", (await OutcomeAsync("disk")).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTableInTheDocumentIsWhatHappens()
    {
        var table = new StringBuilder("| threat | attempted | what came of it | *personal* afterwards |\n| --- | --- | --- | --- |\n");
        foreach (var attack in Attacks.All)
        {
            var outcome = await battlefield.OutcomeAsync(attack);
            table.Append($"| {attack.Threat} | {attack.Attempt} | {outcome.Refusal} | {outcome.Neighbour} |\n");
        }
        string text = await File.ReadAllTextAsync(s_document);
        int from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = text.IndexOf(End, StringComparison.Ordinal);
        string wanted = $"\n\n{table}\n";
        if (Environment.GetEnvironmentVariable("POCKET_WRITE_ATTACKS") == "1") await File.WriteAllTextAsync(s_document, text[..from] + wanted + text[to..]);
        else Assert.Equal(wanted, text[from..to]);
    }

    private Task<Outcome> OutcomeAsync(string name) => battlefield.OutcomeAsync(Attacks.All.Single(attack => attack.Name == name));
}
