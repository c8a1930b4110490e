using System;

namespace Pocketvisor.Flash;

/// <summary>
/// Where things lie, out of the boot sector. Microsoft's exFAT specification, "Main and Backup Boot Sector Sub-regions". Everything here
/// counts sectors of <see cref="BlockDevice.SectorBytes"/>, whatever the volume's own sectors are.
/// </summary>
/// <remarks>
/// <code>
///   boot region │ backup boot region │ … │ FAT │ … │ clusters 2, 3, …
///   0           │ 12                 │ 24
/// </code>
/// </remarks>
internal struct Geometry
{
    public const uint FirstCluster = 2;
    public const int BootSectors = 12;

    // offsets of the boot sector's fields
    public const int VolumeFlags = 106, PercentInUse = 112;

    private const ulong MinVolumeBytes = 1 << 20;
    private const int MaxClusterShift = 25;
    private const uint MaxClusters = 0xFFFF_FFF5;

    public uint FatStart;
    public uint HeapStart;
    public uint ClusterCount;
    public uint RootCluster;

    /// <summary>Of the volume's own sectors: a power of two of ours.</summary>
    public int SectorShift;

    /// <summary>Sectors of ours in a cluster, as a power of two.</summary>
    public int ClusterShift;

    public readonly uint ClusterSectors => 1u << ClusterShift;

    public readonly uint ClusterBytes => (uint)BlockDevice.SectorBytes << ClusterShift;

    /// <summary>Clusters that so many bytes take.</summary>
    public readonly ulong Clusters(ulong bytes) => bytes / ClusterBytes + (bytes % ClusterBytes == 0 ? 0u : 1);

    public readonly bool IsCluster(uint cluster) => cluster >= FirstCluster && cluster - FirstCluster < ClusterCount;

    public readonly ulong Sector(uint cluster) => HeapStart + ((ulong)(cluster - FirstCluster) << ClusterShift);

    /// <returns>Whether it is the boot sector of an exFAT volume, sound or not.</returns>
    public static bool IsExFat(ReadOnlySpan<byte> sector)
    {
        ReadOnlySpan<byte> name = "EXFAT   "u8;
        for (int i = 0; i < name.Length; i++)
            if (sector[3 + i] != name[i]) return false;
        return true;
    }

    /// <returns>Empty, or which field is wrong.</returns>
    public ReadOnlySpan<byte> Parse(ReadOnlySpan<byte> boot, ulong deviceSectors)
    {
        if (boot[0] != 0xEB || boot[1] != 0x76 || boot[2] != 0x90) return "The boot sector doesn't begin with the jump that exFAT demands."u8;
        for (int i = 11; i < 64; i++)
            if (boot[i] != 0) return "The boot sector has something where older FATs have their parameters."u8;
        if (boot[510] != 0x55 || boot[511] != 0xAA) return "The boot sector's signature is missing."u8;
        if (boot[105] != 1) return "The volume has a revision of exFAT other than 1."u8;
        if (boot[110] != 1) return "The volume has two FATs (TexFAT), which is not supported."u8;
        if ((boot[VolumeFlags] & 1) != 0) return "The boot sector names a second FAT, but there is only one."u8;

        int shift = boot[108];
        if (shift is < 9 or > 12) return "The boot sector's sector size is out of range."u8;
        if (boot[109] > MaxClusterShift - shift) return "The boot sector's cluster size is out of range."u8;
        SectorShift = shift - 9;
        ClusterShift = boot[109] + SectorShift;

        ulong volume = LittleEndian.ReadU64(boot, 72);
        if (volume > deviceSectors >> SectorShift) return "The volume is longer than its device."u8;
        if (volume < MinVolumeBytes >> shift) return "The volume is too short."u8;
        ulong fat = LittleEndian.ReadU32(boot, 80), fatLength = LittleEndian.ReadU32(boot, 84), heap = LittleEndian.ReadU32(boot, 88);
        ClusterCount = LittleEndian.ReadU32(boot, 92);
        RootCluster = LittleEndian.ReadU32(boot, 96);
        if (fat < 2 * BootSectors) return "The FAT overlaps the boot regions."u8;
        if (ClusterCount == 0 || ClusterCount > MaxClusters) return "The boot sector's cluster count is out of range."u8;
        if ((fatLength << shift) / 4 < (ulong)ClusterCount + FirstCluster) return "The FAT is too short for the clusters."u8;
        if (heap < fat + fatLength) return "The clusters overlap the FAT."u8;
        if (heap + ((ulong)ClusterCount << boot[109]) > volume) return "The clusters don't fit into the volume."u8;
        if (heap << SectorShift > uint.MaxValue) return "The clusters begin too late."u8;
        if (!IsCluster(RootCluster)) return "The root folder's first cluster is out of range."u8;
        FatStart = (uint)fat << SectorShift;
        HeapStart = (uint)heap << SectorShift;
        return default;
    }
}
