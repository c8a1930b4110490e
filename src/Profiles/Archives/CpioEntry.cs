namespace Pocketvisor.Profiles;

/// <summary>One file, folder or link of an archive.</summary>
/// <param name="Path">Its path, without a leading slash.</param>
/// <param name="Mode">Type and permissions as in <c>st_mode</c>: 0x8000 is a file, 0x4000 a folder, 0xA000 a link.</param>
/// <param name="Data">The file's bytes; the target of a link, in UTF-8.</param>
public sealed record CpioEntry(string Path, int Mode, ReadOnlyMemory<byte> Data)
{
    private const int FileType = 0x8000, FolderType = 0x4000, LinkType = 0xA000, TypeMask = 0xF000;

    /// <summary>A file with permissions 0644, or 0755 where it is executable.</summary>
    public static CpioEntry File(string path, ReadOnlyMemory<byte> data, bool executable = false) =>
        new(path, FileType | (executable ? 0x1ED : 0x1A4), data);

    /// <summary>A folder with permissions 0755.</summary>
    public static CpioEntry Folder(string path) => new(path, FolderType | 0x1ED, default);

    /// <summary>A symbolic link.</summary>
    public static CpioEntry Link(string path, string target) => new(path, LinkType | 0x1FF, System.Text.Encoding.UTF8.GetBytes(target));

    /// <summary>Whether it is a file.</summary>
    public bool IsFile => (Mode & TypeMask) == FileType;
}
