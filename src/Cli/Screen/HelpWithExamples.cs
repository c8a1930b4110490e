using System.CommandLine;
using System.CommandLine.Invocation;

namespace Pocketvisor.Cli.Screen;

/// <summary>The usual help, then details and examples; and the command is called what the user calls it.</summary>
/// <param name="usual">System.CommandLine's own help.</param>
/// <param name="general">Help for the command line as a whole.</param>
public sealed class HelpWithExamples(SynchronousCommandLineAction usual, HelpText general) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        var code = usual.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        output.WriteLine(text.ToString().Replace(RootCommand.ExecutableName, "pocket", StringComparison.Ordinal).TrimEnd());

        var help = (parseResult.CommandResult.Command as DocumentedCommand)?.Help ?? general;
        if (help.Details.Length > 0)
            output.WriteLine($"{Environment.NewLine}{help.Details}");
        output.WriteLine($"{Environment.NewLine}Examples:{string.Concat(help.Examples.Select(example => $"{Environment.NewLine}  {example}"))}");
        return code;
    }
}
