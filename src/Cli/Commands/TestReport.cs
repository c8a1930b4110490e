namespace Pocketvisor.Cli.Commands;

/// <summary>
/// Picks from what the test runner prints: what fails, with everything that it says; what is skipped; and of what passes, the slow tests, as a
/// sign of life.
/// </summary>
public sealed class TestReport
{
    private bool _failing;

    /// <summary>Whether to show the next line.</summary>
    public bool IsWorthShowing(string line)
    {
        if (line.StartsWith("  Failed ", StringComparison.Ordinal))
            _failing = true;
        else if (line.StartsWith("  Passed ", StringComparison.Ordinal))
        {
            _failing = false;
            return !line.EndsWith("ms]", StringComparison.Ordinal);
        }
        else if (line.StartsWith("  Skipped ", StringComparison.Ordinal))
        {
            _failing = false;
            return true;
        }
        else if (line.StartsWith("Test Run ", StringComparison.Ordinal) || line.StartsWith("[xUnit.net", StringComparison.Ordinal) || line.StartsWith("Results File", StringComparison.Ordinal))
            _failing = false; // The sums follow; ours come from the results.
        return _failing;
    }
}
