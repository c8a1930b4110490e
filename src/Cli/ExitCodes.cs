namespace Pocketvisor.Cli;

/// <summary>What the exit code of <c>pocket</c> means. Shown by <c>pocket --help</c>; scripts rely on it.</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>It was tried and did not work.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a profile's manifest or a handset's file is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The handset or the profile is up and should be off, or the other way round.</summary>
    public const int WrongState = 3;

    /// <summary>Something must be installed first.</summary>
    public const int Missing = 4;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}
