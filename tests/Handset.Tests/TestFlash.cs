using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>A flash image for one test, and a folder for the profiles that are put on it. Dispose it, and both are gone.</summary>
public sealed class TestFlash : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flash-");

    /// <param name="megabytes">Of the flash.</param>
    public TestFlash(int megabytes)
    {
        using (var file = File.Create(Image)) file.SetLength((long)megabytes << 20);
        Run("mkfs.exfat", "-L", "test", Image);
    }

    public string Image => Path.Combine(_folder.FullName, "flash.img");

    /// <summary>Where profiles' folders are made, and pulled to.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Makes a profile's folder.</summary>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="files">Name and contents of each file that it names.</param>
    /// <returns>Path of the folder.</returns>
    public string Make(ProfileManifest manifest, params (string Name, byte[] Contents)[] files)
    {
        string folder = Path.Combine(Folder, manifest.Name);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ProfileManifest.FileName), manifest.ToJson());
        foreach (var (name, contents) in files) File.WriteAllBytes(Path.Combine(folder, name), contents);
        return folder;
    }

    /// <summary>The same with another manifest.</summary>
    public Task PushAsync(string folder, ProfileManifest manifest)
    {
        File.WriteAllText(Path.Combine(folder, ProfileManifest.FileName), manifest.ToFile());
        return PushAsync(folder);
    }

    /// <summary>Copies a profile's folder onto the flash; the handset is off.</summary>
    public async Task PushAsync(string folder, bool replace = false)
    {
        await using var store = ImageStore.Open(Image);
        await store.PushAsync(Path.GetFileName(folder), folder, Files(folder), replace);
    }

    /// <summary>The names of the files in a folder.</summary>
    public static IReadOnlyList<string> Files(string folder) => [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Copies a profile from the flash; the handset is off.</summary>
    /// <returns>Path of the new folder.</returns>
    public async Task<string> PullAsync(string profile)
    {
        string into = Directory.CreateDirectory(Path.Combine(Folder, $"pulled-{Guid.NewGuid():N}")).FullName;
        await using var store = ImageStore.Open(Image);
        await store.PullAsync(profile, into);
        return Path.Combine(into, profile);
    }

    /// <summary>exfatprogs finds nothing wrong. Clusters that belong to no file are no damage: a cut may leave them.</summary>
    public void MustBeSound()
    {
        var (code, said) = TryRun("fsck.exfat", "-n", Image);
        Assert.True(code == 0, $"fsck.exfat: {code}: {said}");
    }

    public static string Run(string program, params string[] arguments)
    {
        var (code, said) = TryRun(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {code}: {said}");
        return said;
    }

    public static (int Code, string Said) TryRun(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
