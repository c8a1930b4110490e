using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Hub;

/// <summary>Which of the handsets that are up a command means.</summary>
public static class HandsetChoice
{
    /// <summary>The handset that <c>--on</c> names, or else the only one that is up.</summary>
    /// <exception cref="UserException">It isn't up, none is, or several are and none was named.</exception>
    public static async Task<RunState> UpAsync(Repository repository, string? on, CancellationToken cancellation) =>
        await TryUpAsync(repository, on, cancellation) ?? throw NoneUp();

    /// <summary>The same, but null if none is up and none was named.</summary>
    /// <exception cref="UserException">The named one isn't up, or several are and none was named.</exception>
    public static async Task<RunState?> TryUpAsync(Repository repository, string? on, CancellationToken cancellation)
    {
        var up = await RunState.UpAsync(repository, cancellation);
        if (on is not null)
        {
            if (up.FirstOrDefault(state => state.Handset == on) is { } named)
                return named;
            throw StoredHandset.Exists(repository, on) ? new RunState(repository, on).NotUp() : StoredHandset.Missing(repository, on);
        }
        return up.Count <= 1 ? up.FirstOrDefault() : throw new UserException(
            $"Several handsets are up: {string.Join(", ", up.Select(state => state.Handset))}; say which one you mean with --on, such as --on {up[0].Handset}.", ExitCodes.Usage);
    }

    private static UserException NoneUp() => new("No handset is up; start one with `pocket up`.", ExitCodes.WrongState);
}
