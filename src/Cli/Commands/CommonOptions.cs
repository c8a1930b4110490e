using System.CommandLine;

namespace Pocketvisor.Cli.Commands;

/// <summary>Options and arguments that several commands share.</summary>
public static class CommonOptions
{
    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON instead of a table." };

    /// <summary><c>--force</c>.</summary>
    public static Option<bool> Force(string description) => new("--force", "-f") { Description = description };

    /// <summary>The profile's name.</summary>
    public static Argument<string> Profile() => new("NAME") { Description = "The profile, as `pocket list` shows it." };

    /// <summary><c>--timeout</c>.</summary>
    public static Option<int?> Timeout(string description)
    {
        var option = new Option<int?>("--timeout") { Description = description, HelpName = "SECONDS" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var seconds) || seconds < 1))
                result.AddError($"--timeout must be a number of seconds from 1 up; it is \"{result.Tokens[0].Value}\"");
        });
        return option;
    }
}
