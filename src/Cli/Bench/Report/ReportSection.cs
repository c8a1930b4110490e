namespace Pocketvisor.Cli.Bench.Report;

/// <summary>A part of the page.</summary>
/// <param name="Subject">The part of <c>pocket bench</c> that it shows.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Make">Makes its HTML from the files, with the number of its next figure; null if its part hasn't been run.</param>
public sealed record ReportSection(string Subject, string Title, Func<BenchFiles, int, string?> Make);
