using System.CommandLine;
using System.Text.Json;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket handset list</c>: the user's handsets.</summary>
public static class HandsetListCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("list", new HelpText(
            "Show each handset: whether it is up, cores, memory and flash.",
            "",
            [
                "pocket handset list",
                "pocket handset list --json | jq -r '.handsets[] | select(.state == \"up\") | .name'",
            ])) { json };
        command.Aliases.Add("ls");
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var output = parsed.InvocationConfiguration.Output;
            var up = (await RunState.UpAsync(repository, cancellation)).Select(state => state.Handset).ToHashSet();
            var handsets = StoredHandset.Names(repository).Select(name => StoredHandset.Load(repository, name)).Select(handset => new StoredHandsetView(
                handset.Name, up.Contains(handset.Name) ? "up" : "off", handset.Settings.Cores, (ulong)handset.Settings.MemorySize.Bytes, handset.Settings.Gic,
                handset.FlashPath, File.Exists(handset.FlashPath) ? new FileInfo(handset.FlashPath).Length : 0)).ToList();
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(new { handsets }, ControlJson.Pretty));
                return ExitCodes.Done;
            }
            var table = new Listing(["NAME", "STATE"], ["CORES", "MEMORY", "FLASH"]);
            foreach (var handset in handsets)
                table.Add(handset.Name, Listing.State(handset.State), $"{handset.Cores}", $"{handset.MemoryBytes >> 20} MB", StorageSize.Show(handset.FlashBytes));
            table.Write(output);
            if (handsets.Count == 0)
                parsed.InvocationConfiguration.Error.WriteLine("There is no handset yet; `pocket up` makes the first one, `pocket handset create` more.");
            return ExitCodes.Done;
        });
        return command;
    }
}
