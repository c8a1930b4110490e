namespace Pocketvisor.Cli.Screen;

/// <summary>Asks before something is gone.</summary>
public static class Question
{
    /// <summary>Goes on only if the user agrees, or agreed beforehand.</summary>
    /// <param name="text">The question.</param>
    /// <param name="yes">Whether <c>--yes</c> was given.</param>
    /// <param name="cancellation">Ends the wait for an answer.</param>
    /// <exception cref="UserException">The user doesn't agree, or there is nobody to ask.</exception>
    public static async Task ConfirmAsync(string text, bool yes, CancellationToken cancellation)
    {
        if (yes)
            return;
        if (Console.IsInputRedirected)
            throw new UserException($"{text} There is no terminal to ask: add --yes if you mean it.", ExitCodes.Usage);
        Console.Error.Write($"{text} [y/N] ");
        var answer = await Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(cancellation); // A read of the terminal can't be interrupted.
        if (answer?.Trim().ToLowerInvariant() is not ("y" or "yes"))
            throw new UserException("Nothing was changed.");
    }
}
