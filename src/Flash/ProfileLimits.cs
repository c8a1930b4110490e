namespace Pocketvisor.Flash;

/// <summary>What keeper and PC must agree on about profiles.</summary>
public static class ProfileLimits
{
    /// <summary>Profiles of a handset. More than this are left out, with a line in the log.</summary>
    public const int MaxProfiles = 16;

    /// <summary>Disks of a profile: vda to vdd.</summary>
    public const int MaxDisks = 4;
}
