namespace Pocketvisor.Keeper.Scheduling;

/// <summary>
/// What one core knows of another's heartbeat. It counts its looks, not the time: after a pause of the whole handset, such as a laptop's sleep, a lot of time has passed
/// for everybody, and one look.
/// </summary>
public struct Pulse
{
    private readonly int _most;
    private uint _beats;
    private int _misses;

    /// <param name="most">Looks in a row without a beat between that are too many.</param>
    public Pulse(int most)
    {
        _most = most;
        _beats = 0;
        _misses = 0;
    }

    /// <summary>Looks.</summary>
    /// <param name="beats">The other core's count.</param>
    /// <returns>False if there are no signs of life.</returns>
    public bool IsAlive(uint beats)
    {
        if (beats != _beats) _misses = 0;
        else _misses++;
        _beats = beats;
        return _misses < _most;
    }

    /// <summary>It has not been asked for a while.</summary>
    public void Forget() => _misses = 0;
}
