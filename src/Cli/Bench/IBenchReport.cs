namespace Pocketvisor.Cli.Bench;

/// <summary>What came of a benchmark. As JSON it is a file under artifacts/bench.</summary>
public interface IBenchReport
{
    /// <summary>What was measured, in a word; the file's name.</summary>
    string Subject { get; }

    /// <summary>What <c>--record</c> puts down of it: see <see cref="RecordedFigures"/>.</summary>
    IReadOnlyDictionary<string, double> Recorded => new Dictionary<string, double>();

    /// <summary>Shows it on the screen.</summary>
    void Show(TextWriter output);
}
