using System.CommandLine;
using System.Globalization;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket handset create NAME</c>: a handset with an empty flash.</summary>
public static class HandsetCreateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var defaults = new HandsetSettings();
        var name = new Argument<string>("NAME") { Description = "A lower-case letter, then up to 30 lower-case letters, digits or hyphens." };
        var flash = CommonOptions.Room("--flash", $"Size of the flash, such as 512M or 8G [default: {StoredHandset.DefaultFlash}].");
        var cores = CommonOptions.Cores($"Its cores, 1 to 8 [default: {defaults.Cores}].");
        var memory = CommonOptions.Memory($"Its memory, such as 1536M or 2G [default: {defaults.Memory}].");
        var gic = new Option<int?>("--gic") { Description = $"Version of its interrupt controller, 3 or 4 [default: {defaults.Gic}].", HelpName = "VERSION" };
        gic.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is not ("3" or "4"))
                result.AddError($"--gic must be 3 or 4, because the hypervisor drives no other yet; it is \"{result.Tokens[0].Value}\"");
        });
        var command = new DocumentedCommand("create", new HelpText(
            "Make a handset with an empty flash.",
            "The flash's file takes room only for what is written to it.",
            [
                "pocket handset create phone-b",
                "pocket handset create phone-b --flash 8G --cores 2 --memory 1G",
            ])) { name, flash, cores, memory, gic };
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = new HandsetSettings
            {
                Cores = parsed.GetValue(cores) ?? defaults.Cores,
                Memory = parsed.GetValue(memory) ?? defaults.Memory,
                Gic = parsed.GetValue(gic) ?? defaults.Gic,
            };
            var size = StorageSize.TryParse(parsed.GetValue(flash), out var asked) ? asked : StoredHandset.DefaultFlash;
            var repository = Repository.Find();
            StoredHandset.RequireName(parsed.GetValue(name)!);
            await new HostPackages(new Steps()).EnsureAsync(forTests: false, cancellation);
            await CreateAsync(repository, parsed.GetValue(name)!, settings, size, cancellation);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Makes a handset and says so on standard error.</summary>
    internal static async Task<StoredHandset> CreateAsync(Repository repository, string name, HandsetSettings settings, StorageSize flash, CancellationToken cancellation)
    {
        if (StoredHandset.RoomWarning(repository, flash) is { } warning)
            Console.Error.WriteLine(warning);
        var handset = await StoredHandset.CreateAsync(repository, name, settings, flash, cancellation);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Made the handset \"{name}\": {(settings.Cores == 1 ? "1 core" : $"{settings.Cores} cores")}, {settings.Memory} memory, {flash} flash, in {Repository.Display(handset.Folder)}/."));
        return handset;
    }
}
