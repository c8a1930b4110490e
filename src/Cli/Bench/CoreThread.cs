using System.Globalization;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// The thread of a QEMU that emulates one core, as Linux sees it. Its processor time tells what a guest's work costs, however busy this
/// machine is with other things.
/// </summary>
public sealed class CoreThread
{
    /// <summary>What QEMU must be told to name its threads (QEMU, "Invocation", -name).</summary>
    public static readonly IReadOnlyList<string> QemuArguments = ["-name", "pocket,debug-threads=on"];

    private readonly string _statistics;

    private CoreThread(string statistics) => _statistics = statistics;

    /// <summary>Finds it.</summary>
    /// <param name="process">QEMU's process id.</param>
    /// <param name="core">The core's number.</param>
    /// <exception cref="UserException">There is no such thread, or none yet.</exception>
    public static CoreThread Find(int process, int core) =>
        Directory.GetDirectories($"/proc/{process}/task").FirstOrDefault(thread => File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd() == $"CPU {core}/TCG") is { } folder
            ? new CoreThread(Path.Combine(folder, "schedstat"))
            : throw new UserException($"QEMU has no thread for core {core}; the Linux kernel must have CONFIG_SCHED_INFO, and QEMU emulate.");

    /// <summary>Seconds that it ran on a processor of this machine (Linux, "Scheduler Statistics", /proc/PID/schedstat).</summary>
    public double Seconds() => Parse(File.ReadAllText(_statistics));

    /// <summary>Reads what the file says.</summary>
    public static double Parse(string statistics) => long.Parse(statistics.Split(' ')[0], CultureInfo.InvariantCulture) / 1e9;
}
