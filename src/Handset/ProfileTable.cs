namespace Pocketvisor.Handsets;

/// <summary>
/// The handset's profiles by name, as the keeper last listed them, with their consoles. A profile's index is its slot on the handset; when it
/// is removed, another one may get the slot.
/// </summary>
/// <param name="type">Types bytes into the console of a slot.</param>
internal sealed class ProfileTable(Func<int, ReadOnlyMemory<byte>, CancellationToken, Task> type)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _indices = [];
    private readonly Dictionary<int, ProfileConsole> _consoles = [];
    private readonly Dictionary<int, StateChange> _states = [];

    /// <summary>In the order in which they start.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock)
                return [.. _indices.OrderBy(pair => pair.Value).Select(pair => pair.Key)];
        }
    }

    /// <summary>A profile's number on the handset.</summary>
    /// <exception cref="HandsetException">There is none of this name; the message lists those that there are.</exception>
    public int Index(string profile)
    {
        lock (_lock)
            if (_indices.TryGetValue(profile, out var index))
                return index;
        throw new HandsetException($"There is no profile \"{profile}\" on the handset: it has {string.Join(", ", Names.DefaultIfEmpty("none"))}. If it is on the flash, `pocket logs` says why it was left out.");
    }

    public ProfileConsole Console(string profile)
    {
        var index = Index(profile);
        lock (_lock)
            return _consoles[index];
    }

    public ProfileConsole? TryConsole(int index)
    {
        lock (_lock)
            return _consoles.GetValueOrDefault(index);
    }

    public StateChange? LastChange(string profile)
    {
        var index = Index(profile);
        lock (_lock)
            return _states.GetValueOrDefault(index);
    }

    public void Changed(StateChange change)
    {
        lock (_lock)
            _states[change.Profile] = change;
    }

    /// <summary>Takes over a list: new profiles get a console, the console of one that has gone ends.</summary>
    public void Update(ProfileList list)
    {
        lock (_lock)
        {
            var listed = list.Profiles.ToDictionary(status => status.Index, status => status.Name);
            foreach (var (index, console) in _consoles.ToArray())
            {
                if (listed.TryGetValue(index, out var name) && name == console.Name)
                    continue;
                console.End("it is not on the handset any more.");
                _consoles.Remove(index);
                _states.Remove(index);
            }
            _indices.Clear();
            foreach (var (index, name) in listed)
            {
                _indices[name] = index;
                if (!_consoles.ContainsKey(index))
                    _consoles.Add(index, new ProfileConsole(name, (bytes, token) => type(index, bytes, token)));
            }
        }
    }

    /// <summary>What is awaited won't come, but the consoles go on.</summary>
    public void Interrupt(string reason)
    {
        lock (_lock)
            foreach (var console in _consoles.Values)
                console.Interrupt(reason);
    }

    public void End(string reason)
    {
        lock (_lock)
            foreach (var console in _consoles.Values)
                console.End(reason);
    }
}
