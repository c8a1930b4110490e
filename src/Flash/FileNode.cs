namespace Pocketvisor.Flash;

/// <summary>
/// A file or folder on a volume, as it was when it was looked up. The volume notices that a node is older than the file's last change and
/// looks again; a node whose file was renamed or deleted by another node is <see cref="FlashStatus.NotFound"/>.
/// </summary>
public struct FileNode
{
    /// <summary>Bytes.</summary>
    public ulong Length { get; internal set; }

    /// <summary>Bytes from the start that were ever written; what follows reads as zeros.</summary>
    public ulong ValidLength { get; internal set; }

    public bool IsFolder { get; internal set; }

    /// <summary>The first cluster, or 0 of an empty file.</summary>
    internal uint FirstCluster { get; set; }

    /// <summary>The clusters follow each other and the FAT doesn't count: "NoFatChain".</summary>
    internal bool IsContiguous { get; set; }

    /// <summary>Where the entry set begins; cluster 0 for the root folder, which has none.</summary>
    internal EntryPosition Position { get; set; }

    /// <summary>Of the name, to recognise the entry set again.</summary>
    internal ushort NameHash { get; set; }

    /// <summary>The volume's count of changes when this node was read.</summary>
    internal ulong Epoch { get; set; }
}
