using System.CommandLine;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket handset …</c>: the user's handsets.</summary>
public static class HandsetCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new DocumentedCommand("handset", new HelpText(
        "Make, list and remove handsets. A handset is a folder in handsets/ with its hardware (handset.json) and its flash (flash.img).",
        "The flash is one exFAT volume: any PC can mount it and copy profiles to and from it. See docs/handset.md.",
        [
            "pocket handset create phone-b --flash 8G --cores 2 --memory 1G",
            "pocket up phone-b",
            "pocket handset list",
            "pocket handset remove phone-b",
        ]))
    {
        HandsetCreateCommand.Create(),
        HandsetListCommand.Create(),
        HandsetRemoveCommand.Create(),
    };
}
