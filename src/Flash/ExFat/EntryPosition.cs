namespace Pocketvisor.Flash;

/// <summary>Where a directory entry lies.</summary>
internal struct EntryPosition
{
    public uint Cluster { get; set; }

    /// <summary>Bytes from the start of the cluster.</summary>
    public uint Offset { get; set; }

    /// <summary>The folder's clusters follow each other: what crosses the end of this one goes on in the next.</summary>
    public bool IsContiguous { get; set; }
}
