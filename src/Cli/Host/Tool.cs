using System.ComponentModel;
using System.Diagnostics;

namespace Pocketvisor.Cli.Host;

/// <summary>Runs other programs.</summary>
public static class Tool
{
    /// <summary>Path of a program, or null if it isn't installed. Looks where root's tools are, too.</summary>
    public static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="line">Gets each line as it comes; standard error is mixed in.</param>
    /// <param name="folder">Where it runs; null for here.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="cancellation">Ends it, its children included.</param>
    /// <exception cref="UserException">It isn't installed.</exception>
    public static async Task<ToolResult> RunAsync(
        string program, IEnumerable<string> arguments, Action<string>? line = null, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancellation = default)
    {
        var start = new ProcessStartInfo(Find(program) ?? program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            throw new UserException($"{program} is not installed: install it and run this again.", ExitCodes.Missing);
        }
        process.StandardInput.Close();
        List<string> output = [];
        try
        {
            await Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        return new ToolResult(process.ExitCode, output);

        async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync(cancellation) is { } text)
            {
                lock (output)
                {
                    output.Add(text);
                    line?.Invoke(text);
                }
            }
        }
    }
}
