using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Fuzzing;

/// <summary>Where a target's things are: <c>artifacts/fuzz/TARGET</c>.</summary>
public sealed class FuzzFolder(Repository repository, string target)
{
    /// <summary>The target.</summary>
    public string Target => target;

    /// <summary>All of it.</summary>
    public string Root => Path.Combine(repository.Root, "artifacts/fuzz", target);

    /// <summary>The program with what the fuzzer counts by.</summary>
    public string Program => Path.Combine(Root, "bin");

    /// <summary>What a run begins with: the target's seeds, and what the last run found to be interesting.</summary>
    public string Corpus => Path.Combine(Root, "corpus");

    /// <summary>afl-fuzz's own.</summary>
    public string Output => Path.Combine(Root, "afl");

    /// <summary>Inputs that broke something. Nothing deletes them but their owner.</summary>
    public string Found => Path.Combine(Root, "found");

    /// <summary>Takes the folder for one run.</summary>
    /// <exception cref="UserException">Another run has it.</exception>
    public FileStream Lock()
    {
        Directory.CreateDirectory(Root);
        try
        {
            return new FileStream(Path.Combine(Root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new UserException($"{target} is being fuzzed already; end that run with Ctrl-C, or wait for its end.", ExitCodes.WrongState);
        }
    }

    /// <summary>Makes an empty folder, in the place of an old one.</summary>
    public static void MakeEmpty(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }
}
