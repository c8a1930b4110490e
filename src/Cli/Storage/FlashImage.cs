using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Storage;

/// <summary>A handset's flash on this machine: one exFAT volume in one file, without a partition table.</summary>
public static class FlashImage
{
    // exFAT's Volume Label Directory Entry holds 11 characters.
    private const int LongestLabel = 11;

    /// <summary>Makes a flash with an empty volume. The file takes room only for what is written to it.</summary>
    /// <param name="path">Where it shall be.</param>
    /// <param name="size">Its size.</param>
    /// <param name="label">What the volume is called; its first 11 characters.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="UserException">It could not be formatted.</exception>
    public static async Task CreateAsync(string path, StorageSize size, string label, CancellationToken cancellation)
    {
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            file.SetLength(size.Bytes);
        var result = await Tool.RunAsync("mkfs.exfat", ["-L", label[..Math.Min(label.Length, LongestLabel)], path], cancellation: cancellation);
        if (!result.Succeeded)
            throw new UserException($"mkfs.exfat could not format {Repository.Display(path)}; see what it says and try again:{Environment.NewLine}{result.Tail(4)}");
    }

    /// <summary>Keeps other commands of ours away from a flash, by flock(2), as long as the result is not disposed.</summary>
    /// <exception cref="UserException">Someone else is at work on it, or there is none.</exception>
    public static IDisposable Lock(string path)
    {
        if (!File.Exists(path))
            throw new UserException($"{Repository.Display(path)} is not there; without its flash a handset is lost: remove it with `pocket handset remove` and make it anew.");
        if (LoopDevice(path) is { } device)
            throw new UserException($"{Repository.Display(path)} is attached to /dev/{device}, and two who write to one volume destroy it; unmount it with `sudo umount /dev/{device}`, then run this again.", ExitCodes.WrongState);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new UserException($"{Repository.Display(path)} is in use by another command; wait until it has ended, then run this again.", ExitCodes.WrongState);
        }
    }

    // Linux, "Documentation/ABI/testing/sysfs-block": a loop device tells its file.
    private static string? LoopDevice(string path) => !Directory.Exists("/sys/block") ? null :
        Directory.GetDirectories("/sys/block", "loop*").Where(device => Backing(device) == Path.GetFullPath(path)).Select(Path.GetFileName).FirstOrDefault();

    private static string? Backing(string device)
    {
        try
        {
            return File.ReadAllText(Path.Combine(device, "loop/backing_file")).TrimEnd('\n');
        }
        catch (IOException)
        {
            return null; // It is detached.
        }
    }
}
