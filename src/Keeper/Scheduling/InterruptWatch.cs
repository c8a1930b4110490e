namespace Pocketvisor.Keeper.Scheduling;

/// <summary>
/// Notices a vCPU that keeps interrupts masked while one waits. It is looked at now and then:
/// <code>
///   waits    –      5      5      5                 5 …                7             –
///                   begins ─────── the limit ─▶ reported, once         begins anew    recovered
/// </code>
/// </summary>
public sealed class InterruptWatch
{
    private readonly ulong _limit;
    private ulong _what, _since;
    private bool _waits, _reported;

    /// <param name="limit">How long it may go on, in ticks that the vCPU runs.</param>
    public InterruptWatch(ulong limit) => _limit = limit;

    /// <summary>A new life begins.</summary>
    public void Reset() => _waits = false;

    /// <param name="ran">Ticks that the vCPU has run.</param>
    /// <param name="waits">Interrupts are masked, and one waits.</param>
    /// <param name="what">Its name, which is another one when it has been taken and comes anew.</param>
    /// <returns>True when the limit is reached.</returns>
    public bool Look(ulong ran, bool waits, ulong what)
    {
        if (!waits || !_waits || what != _what)
        {
            _waits = waits;
            _what = what;
            _since = ran;
            _reported = false;
            return false;
        }
        if (_reported || ran - _since < _limit) return false;
        _reported = true;
        return true;
    }
}
