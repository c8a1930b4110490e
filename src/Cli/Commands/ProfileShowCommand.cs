using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket profile show NAME</c>: a profile's manifest and files.</summary>
public static class ProfileShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("PROFILE") { Description = "The profile, as `pocket profile list` shows it, or a folder." };
        var on = new Option<string?>("--on") { Description = "The handset that has it [default: this PC].", HelpName = "HANDSET" };
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("show", new HelpText(
            "Show a profile's manifest and its files, on this PC or on a handset.",
            "While a profile runs on a handset its files are locked; then its manifest is not shown.",
            [
                "pocket profile show home",
                "pocket profile show home --on phone",
                "pocket profile show home --json | jq .manifest.disks",
            ])) { name, on, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var shown = parsed.GetValue(on) is { } handset
                ? await OnHandsetAsync(repository, handset, parsed.GetValue(name)!, cancellation)
                : OnPc(repository, parsed.GetValue(name)!);
            if (parsed.GetValue(json))
                parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(
                    new { shown.Profile.Name, shown.Profile.Where, shown.Profile.State, manifest = shown.Manifest is null ? null : JsonNode.Parse(shown.Manifest.ToJson()), shown.Files }, ControlJson.Pretty));
            else
                Show(parsed.InvocationConfiguration.Output, shown);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Shown OnPc(Repository repository, string name)
    {
        var profile = ProfileFolders.Find(repository, name);
        var files = ProfileReadiness.FileNames(profile).Select(file => new FileInfo(Path.Combine(profile.Folder, file)))
            .Select(file => file.Exists ? new StoredFile(file.Name, file.Length, file.Length) : new StoredFile(file.Name, 0, 0)).ToList();
        return new Shown(new StoredProfileView(profile.Manifest.Name, profile.Folder, null, files.Sum(file => file.Length)), profile.Manifest, files);
    }

    private static async Task<Shown> OnHandsetAsync(Repository repository, string handset, string name, CancellationToken cancellation)
    {
        await using var flash = await HandsetProfiles.OpenAsync(repository, handset, cancellation);
        var found = await flash.FindAsync(name, cancellation);
        var view = new StoredProfileView(found.Name, handset, HandsetProfiles.State(found), found.Bytes);
        if (found.IsUnfinished)
            return new Shown(view, null, []);
        var manifest = found.IsRunning ? null : ManifestReader.Read($"{name}/{ProfileManifest.FileName} on {handset}", await flash.ManifestAsync(name, cancellation));
        return new Shown(view, manifest, await flash.FilesAsync(name, cancellation));
    }

    private static void Show(TextWriter output, Shown shown)
    {
        var (profile, manifest, files) = shown;
        output.WriteLine(profile.State is { } state ? $"{profile.Name} on {profile.Where}, {state}" : $"{profile.Name} in {profile.Where}/");
        if (manifest is not null)
        {
            Field("cores", $"{manifest.Cores}");
            Field("memory", manifest.Memory.ToString());
            Field("kernel", manifest.Kernel);
            Field("initrd", manifest.Initrd ?? "none");
            Field("command line", manifest.CommandLine);
            Field("disks", manifest.Disks.Count == 0 ? "none" : string.Join(", ", manifest.Disks.Select((disk, index) => $"vd{(char)('a' + index)} {disk.File}{(disk.ReadOnly ? " (read-only)" : "")}")));
            Field("network", manifest.Network == Network.None ? "none" : $"outside{(manifest.Mac is { } mac ? $", MAC {mac}" : "")}");
            Field("weight", $"{manifest.Weight}");
            Field("autostart", manifest.Autostart ? "yes" : "no");
            Field("autorestart", manifest.Autorestart == Autorestart.OnFailure ? "on failure" : "never");
        }
        foreach (var file in files)
            Field("file", $"{file.Name}, {StorageSize.Show(file.Length)}{(manifest?.Sha256.TryGetValue(file.Name, out var digest) == true ? $", SHA-256 {digest[..12]}…" : "")}");

        void Field(string name, string value) => output.WriteLine($"  {name,-13} {value}".TrimEnd());
    }

    private sealed record Shown(StoredProfileView Profile, ProfileManifest? Manifest, IReadOnlyList<StoredFile> Files);
}
