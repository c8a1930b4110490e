using System.CommandLine;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket profile …</c>: profiles as folders of files, on this PC and on handsets.</summary>
public static class ProfileCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new DocumentedCommand("profile", new HelpText(
        "Make, list, show and remove profiles, on this PC and on handsets. A profile is a folder: profile.json and the files that it names.",
        "On this PC your own profiles are in profiles/ and the samples in samples/. `pocket push`, `pull` and `migrate` copy them to handsets, back and from one to the other.",
        [
            "pocket profile create work2 --from debian",
            "pocket profile list",
            "pocket profile show work --on phone",
            "pocket profile remove work --on phone",
        ]))
    {
        ProfileCreateCommand.Create(),
        ProfileListCommand.Create(),
        ProfileShowCommand.Create(),
        ProfileRemoveCommand.Create(),
    };
}
