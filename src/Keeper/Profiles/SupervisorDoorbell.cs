using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>Makes core 0 look after the link.</summary>
public sealed class SupervisorDoorbell : Doorbell
{
    private readonly Supervisor _supervisor;

    public SupervisorDoorbell(Supervisor supervisor) => _supervisor = supervisor;

    public override void Ring() => _supervisor.Ring();
}
