namespace Pocketvisor.Cli.Screen;

/// <summary>Asks before something is gone.</summary>
public static class Question
{
    /// <summary>Goes on only if the user agrees, or agreed beforehand.</summary>
    /// <param name="text">The question.</param>
    /// <param name="yes">Whether <c>--yes</c> was given.</param>
    /// <exception cref="UserException">The user doesn't agree, or there is nobody to ask.</exception>
    public static void Confirm(string text, bool yes)
    {
        if (yes)
            return;
        if (Console.IsInputRedirected)
            throw new UserException($"{text} There is no terminal to ask: add --yes if you mean it.", ExitCodes.Usage);
        Console.Error.Write($"{text} [y/N] ");
        if (Console.ReadLine()?.Trim().ToLowerInvariant() is not ("y" or "yes"))
            throw new UserException("Nothing was changed.");
    }
}
