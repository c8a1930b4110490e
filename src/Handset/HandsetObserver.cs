namespace Pocketvisor.Handsets;

/// <summary>
/// Is told what happens on a handset. Override what you want to know. Calls come one after the other and must return quickly.
/// </summary>
public class HandsetObserver
{
    /// <summary>The handset wrote a line on its serial port.</summary>
    public virtual void Serial(string line)
    {
    }

    /// <summary>The keeper has answered, at first or after a restart. What it kept of consoles and log follows.</summary>
    public virtual void Connected(HandsetInfo info, ProfileList profiles)
    {
    }

    /// <summary>The handset has panicked and restarts. When its keeper answers again, <see cref="Connected"/> follows.</summary>
    /// <param name="why">The report's first line.</param>
    public virtual void Restarting(string why)
    {
    }

    /// <summary>The keeper logged a line.</summary>
    public virtual void Log(string line)
    {
    }

    /// <summary>A profile's console said something.</summary>
    public virtual void Output(string profile, ReadOnlyMemory<byte> bytes)
    {
    }

    /// <summary>A profile came into a state.</summary>
    public virtual void StateChanged(string profile, StateChange change)
    {
    }

    /// <summary>A profile came to the handset, or went.</summary>
    public virtual void ProfilesChanged(ProfileList profiles)
    {
    }

    /// <summary>A profile is being stopped because the handset is being turned off.</summary>
    public virtual void Stopping(string profile)
    {
    }
}
