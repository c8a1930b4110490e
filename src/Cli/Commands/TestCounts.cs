using System.Xml.Linq;

namespace Pocketvisor.Cli.Commands;

/// <summary>How tests ended.</summary>
/// <param name="Passed">Did what they say.</param>
/// <param name="Failed">Did not.</param>
/// <param name="Skipped">Were not run.</param>
public sealed record TestCounts(int Passed = 0, int Failed = 0, int Skipped = 0)
{
    /// <summary>All of them.</summary>
    public int Total => Passed + Failed + Skipped;

    /// <summary>Sums.</summary>
    public static TestCounts operator +(TestCounts a, TestCounts b) => new(a.Passed + b.Passed, a.Failed + b.Failed, a.Skipped + b.Skipped);

    /// <summary>Reads what the test runner wrote (Visual Studio's TRX).</summary>
    public static TestCounts Read(string trx)
    {
        var outcomes = XDocument.Load(trx).Descendants().Where(element => element.Name.LocalName == "UnitTestResult").Select(element => (string?)element.Attribute("outcome")).ToList();
        var passed = outcomes.Count(outcome => outcome == "Passed");
        var skipped = outcomes.Count(outcome => outcome == "NotExecuted");
        return new TestCounts(passed, outcomes.Count - passed - skipped, skipped);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
