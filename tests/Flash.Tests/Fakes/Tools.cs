using System;
using System.Diagnostics;
using System.IO;

namespace Pocketvisor.Flash.Tests;

/// <summary>exfatprogs: the second opinion.</summary>
public static class Tools
{
    public static FakeDevice Mkfs(long bytes, string clusterSize, string label = "FLASH")
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.OpenWrite(path)) file.SetLength(bytes);
            (int code, string text) = Run("mkfs.exfat", "-L", label, "-b", bytes < 16 << 20 ? "4K" : "1M", "-c", clusterSize, path);
            if (code != 0) throw new InvalidOperationException(text);
            return FakeDevice.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Fails unless fsck.exfat finds nothing to complain about. Lost clusters it doesn't mind.</summary>
    public static void Fsck(FakeDevice device)
    {
        string path = Path.GetTempFileName();
        try
        {
            device.Save(path);
            (int code, string text) = Run("fsck.exfat", "-n", path);
            if (code != 0 || text.Contains("ERROR", StringComparison.Ordinal) || !text.Contains(": clean.", StringComparison.Ordinal)) throw new InvalidOperationException(text);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static (int Code, string Text) Run(string tool, params string[] arguments)
    {
        // Not every user's PATH has the folders of the administrator's tools.
        ProcessStartInfo start = new(File.Exists("/usr/sbin/" + tool) ? "/usr/sbin/" + tool : tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start);
        var errors = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, text);
    }
}
