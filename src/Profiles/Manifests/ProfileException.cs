namespace Pocketvisor.Profiles;

/// <summary>
/// A profile cannot be used. Each of <see cref="Problems"/> is one sentence for the user, which names the file, the field and what is allowed.
/// </summary>
public sealed class ProfileException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>One problem.</summary>
    public ProfileException(string problem)
        : this([problem])
    {
    }

    /// <summary>The sentences, in the order of the file.</summary>
    public IReadOnlyList<string> Problems => problems;
}
