using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Tests;

/// <summary>An empty source tree, gone after the test.</summary>
internal sealed class TemporaryRepository : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocket-cli-");

    public Repository Repository => new(_folder.FullName);

    /// <summary>Writes a file, with its folders.</summary>
    public string Write(string path, string text)
    {
        var full = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
