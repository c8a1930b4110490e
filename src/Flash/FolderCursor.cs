namespace Pocketvisor.Flash;

/// <summary>A place in a folder's list. See <see cref="ExFatVolume.Next"/>.</summary>
public struct FolderCursor
{
    internal FileNode Folder;

    /// <summary>Bytes from the start of the folder.</summary>
    internal uint Offset;

    public FolderCursor(in FileNode folder)
    {
        Folder = folder;
        Offset = 0;
    }
}
