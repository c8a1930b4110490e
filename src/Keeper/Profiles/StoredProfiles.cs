using System;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Flash;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>Keeps the profiles that can run in step with the folders on the flash. On the supervisor's core.</summary>
public sealed class StoredProfiles : FilePolicy
{
    private readonly Supervisor _supervisor;
    private readonly ProfileLoader _loader;
    private readonly Clock _clock;

    public StoredProfiles(Supervisor supervisor, ProfileLoader loader, Clock clock)
    {
        _supervisor = supervisor;
        _loader = loader;
        _clock = clock;
    }

    public override uint Seconds => _clock.Seconds;

    public override bool IsRunning(ReadOnlySpan<byte> name) => _supervisor.Find(name) is { } profile && (!profile.IsOff || profile.WillRestart);

    public override void Changed(ReadOnlySpan<byte> name)
    {
        if (IsRunning(name)) return; // it started when its files were whole, and keeps them
        _loader.Reload(name);
        _supervisor.AnnounceProfiles();
    }
}
