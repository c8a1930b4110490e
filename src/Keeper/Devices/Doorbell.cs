namespace Pocketvisor.Keeper.Devices;

/// <summary>Tells the core that serves the link that there is something to send. May be rung from every core, with locks held.</summary>
public abstract class Doorbell
{
    public abstract void Ring();
}
