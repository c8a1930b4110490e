using System.CommandLine;
using System.Globalization;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket profile create NAME</c>: a profile in <c>profiles/</c>.</summary>
public static class ProfileCreateCommand
{
    private const string Debian = "debian";

    private static readonly HelpText Help = new(
        "Make a profile in profiles/: a Debian with a writable disk, a copy of a profile, or one around your own kernel.",
        "Of a folder that has a profile.json, it makes a copy under the new name. Of another folder it takes the arm64 kernel, an initrd (initrd*, initramfs*) and disks (*.img), and writes the manifest. "
        + "With --disk, the first writable disk is made that large; if there is none, an empty one is made.",
        [
            "pocket profile create home --from debian",
            "pocket profile create home --from debian --disk 8G --memory 1G --cores 2",
            "pocket profile create lab --from ~/my-kernel --network none",
            "pocket profile create work2 --from samples/work",
        ]);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A lower-case letter, then up to 30 lower-case letters, digits or hyphens." };
        var from = new Option<string>("--from") { Description = "\"debian\", or a folder.", HelpName = "SOURCE", Required = true };
        var cores = CommonOptions.Cores("Its virtual cores, 1 to 8.");
        var memory = CommonOptions.Memory("Its memory, such as 512M or 2G.");
        var disk = CommonOptions.Room("--disk", "Size of its disk, such as 2G.");
        var network = new Option<string?>("--network") { Description = "\"outside\" or \"none\".", HelpName = "WHERE" };
        network.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !TryNetwork(result.Tokens[0].Value, out _))
                result.AddError($"--network must be outside or none; it is \"{result.Tokens[0].Value}\"");
        });
        var command = new DocumentedCommand("create", Help) { name, from, cores, memory, disk, network };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            OwnProfiles.RequireFree(repository, parsed.GetValue(name)!);
            var options = new ProfileOptions(
                parsed.GetValue(cores),
                MemorySize.TryParse(parsed.GetValue(memory), out var bytes) ? bytes : null,
                StorageSize.TryParse(parsed.GetValue(disk), out var room) ? room : null,
                TryNetwork(parsed.GetValue(network), out var where) ? where : null);
            var profile = await MakeAsync(repository, parsed.GetValue(name)!, parsed.GetValue(from)!, options, cancellation);
            Show(parsed.InvocationConfiguration.Output, profile);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<Profile> MakeAsync(Repository repository, string name, string from, ProfileOptions options, CancellationToken cancellation)
    {
        var steps = new Steps();
        if (from == Debian)
            return await OwnProfiles.CreateAsync(repository, name, folder => DebianProfile.CreateAsync(repository, steps, folder, options, cancellation));

        if (!Path.Exists(from) && ProfileFolders.Folders(repository).All(folder => Path.GetFileName(folder) != from) && NearestName.Of(from, [Debian]) is not null)
            throw new UserException($"There is no folder or profile \"{from}\"; did you mean \"{Debian}\"?", ExitCodes.Usage);
        var source = ProfileMaker.Source(from.Contains('/', StringComparison.Ordinal) || Directory.Exists(from) ? from : ProfileFolders.Find(repository, from).Folder, name);
        await new GuestPreparation(repository, steps).PrepareAsync([source], cancellation); // A sample may still lack Debian's kernel.
        return await OwnProfiles.CreateAsync(repository, name, folder =>
            steps.RunAsync($"Copying {source.Folder}", report => new ProfileMaker(options, report).MakeAsync(source, folder, cancellation)));
    }

    private static bool TryNetwork(string? text, out Network network)
    {
        network = text == "none" ? Network.None : Network.Outside;
        return text is "none" or "outside";
    }

    private static void Show(TextWriter output, Profile profile)
    {
        var manifest = profile.Manifest;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Made the profile \"{manifest.Name}\" in {profile.Folder}/: {(manifest.Cores == 1 ? "1 core" : $"{manifest.Cores} cores")}, {manifest.Memory} memory; {string.Join(", ", profile.Files.Select(Describe))}."));
        output.WriteLine($"Edit {Path.Combine(profile.Folder, ProfileManifest.FileName)} if you like; then bring it to a handset: `pocket push {manifest.Name}`.");
    }

    // "disks[0].file": as the guest calls it.
    private static string Describe(ProfileFile file) =>
        $"{(file.Field.StartsWith("disks[", StringComparison.Ordinal) ? $"vd{(char)('a' + file.Field["disks[".Length] - '0')}" : file.Field)} {file.Name} ({StorageSize.Show(new FileInfo(file.Path).Length)})";
}
