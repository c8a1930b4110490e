using System.Text;

namespace Pocketvisor.Profiles;

/// <summary>
/// What the handset boots from: a cpio archive with <c>profiles/NAME/profile.json</c> and the files that it names. The handset's boot
/// loader puts it into memory in the place of an initrd.
/// </summary>
public static class BootMedium
{
    /// <summary>The entries of profiles that lie in folders, in their order.</summary>
    /// <exception cref="ProfileException">A file is missing.</exception>
    public static IEnumerable<CpioEntry> Pack(IEnumerable<Profile> profiles) => profiles.SelectMany(profile =>
    {
        profile.RequireFiles();
        return Entries(profile.Manifest, File.ReadAllBytes(profile.KernelPath), profile.InitrdPath is null ? default : File.ReadAllBytes(profile.InitrdPath));
    });

    /// <summary>The entries of one profile, from bytes in memory: for tests that make their guests themselves.</summary>
    public static IEnumerable<CpioEntry> Entries(ProfileManifest manifest, ReadOnlyMemory<byte> kernel, ReadOnlyMemory<byte> initrd)
    {
        var folder = $"profiles/{manifest.Name}";
        yield return CpioEntry.File($"{folder}/{ProfileManifest.FileName}", Encoding.UTF8.GetBytes(manifest.ToJson()));
        yield return CpioEntry.File($"{folder}/{manifest.Kernel}", kernel);
        if (manifest.Initrd is not null)
            yield return CpioEntry.File($"{folder}/{manifest.Initrd}", initrd);
    }
}
