namespace Pocketvisor.Profiles;

/// <summary>Where a profile's frames go. There is nothing between profiles.</summary>
public enum Network
{
    /// <summary>To the outside and back.</summary>
    Outside,

    /// <summary>Nowhere: the profile has no network device.</summary>
    None,
}
