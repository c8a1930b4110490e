using System.CommandLine;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Commands;

/// <summary>Options and arguments that several commands share.</summary>
public static class CommonOptions
{
    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON instead of a table." };

    /// <summary><c>--force</c>.</summary>
    public static Option<bool> Force(string description) => new("--force", "-f") { Description = description };

    /// <summary>A handset, off or up.</summary>
    public static Argument<string> Handset() =>
        new("HANDSET") { Description = "The handset, as `pocket handset list` shows it.", DefaultValueFactory = _ => StoredHandset.Default };

    /// <summary>A profile on a flash.</summary>
    public static Argument<string> StoredProfile() => new("PROFILE") { Description = "The profile, as `pocket profile list` shows it." };

    /// <summary><c>--on</c>.</summary>
    public static Option<string?> On() => new("--on") { Description = "The handset, if several are up.", HelpName = "HANDSET" };

    /// <summary><c>--yes</c>.</summary>
    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Don't ask." };

    /// <summary><c>--cores</c>, of a handset.</summary>
    public static Option<int?> Cores(string description)
    {
        var option = new Option<int?>("--cores", "-c") { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 1 or > 8))
                result.AddError($"--cores must be a number from 1 to 8; it is \"{result.Tokens[0].Value}\"");
        });
        return option;
    }

    /// <summary><c>--memory</c>, of a handset or a profile.</summary>
    public static Option<string?> Memory(string description)
    {
        var option = new Option<string?>("--memory", "-m") { Description = description, HelpName = "SIZE" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !MemorySize.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--memory must be a number with M or G, from 2M to 64G and a multiple of 2M; it is \"{result.Tokens[0].Value}\"");
        });
        return option;
    }

    /// <summary>An option for room on a flash or a disk.</summary>
    public static Option<string?> Room(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "SIZE" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !StorageSize.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"{name} must be {StorageSize.Allowed}; it is \"{result.Tokens[0].Value}\"");
        });
        return option;
    }

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
