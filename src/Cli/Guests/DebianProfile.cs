using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Guests;

/// <summary>Placeholder until branch debian's lands.</summary>
public static class DebianProfile
{
    /// <summary>Makes one.</summary>
    public static Task CreateAsync(Repository repository, Steps steps, string folder, ProfileOptions options, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
