namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>What driver and device of a disk say to each other (virtio 1.2, "Block Device"); sectors are of 512 bytes.</summary>
public static class VirtioBlockFormat
{
    // struct virtio_blk_req { le32 type; le32 reserved; le64 sector; u8 data[]; u8 status }
    public const int HeaderBytes = 16;

    // struct virtio_blk_discard_write_zeroes { le64 sector; le32 num_sectors; le32 flags }
    public const int RangeBytes = 16;
    public const uint FlagUnmap = 1;

    /// <summary>Bytes of the answer to GetId.</summary>
    public const int IdBytes = 20;

    // Types of requests.
    public const uint In = 0, Out = 1, Flush = 4, GetId = 8, Discard = 11, WriteZeroes = 13;

    // Statuses.
    public const byte Ok = 0, IoError = 1, Unsupported = 2;

    // Feature bits.
    public const ulong FeatureSegMax = 1 << 2, FeatureReadOnly = 1 << 5, FeatureBlkSize = 1 << 6, FeatureFlush = 1 << 9;
    public const ulong FeatureDiscard = 1 << 13, FeatureWriteZeroes = 1 << 14;

    // Offsets in struct virtio_blk_config.
    public const uint Capacity = 0, SegMax = 12, BlkSize = 20;
    public const uint MaxDiscardSectors = 36, MaxDiscardSeg = 40, DiscardSectorAlignment = 44;
    public const uint MaxWriteZeroesSectors = 48, MaxWriteZeroesSeg = 52, WriteZeroesMayUnmap = 56;
    public const int ConfigBytes = 60;
}
