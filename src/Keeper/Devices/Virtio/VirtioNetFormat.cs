namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>What device and driver of a network agree on (virtio 1.2, "Network Device").</summary>
public static class VirtioNetFormat
{
    public const int ReceiveQueue = 0, TransmitQueue = 1;

    /// <summary>struct virtio_net_hdr: in front of each frame. All zeros but for the number of buffers, the last two bytes, in received ones.</summary>
    public const int HeaderBytes = 12;

    /// <summary>Where the header of a received frame says that it is in one buffer.</summary>
    public const int BuffersAt = 10;

    public const ulong FeatureMac = 1 << 5, FeatureStatus = 1 << 16;

    // struct virtio_net_config.
    public const uint MacAt = 0, StatusAt = 6;

    /// <summary>Status: a bit.</summary>
    public const byte LinkUp = 1;
}
