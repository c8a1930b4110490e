using Pocketvisor.Cli.Guests;

namespace Pocketvisor.Cli.Tests;

public class GuestFilesTests
{
    [Theory]
    [InlineData("kernel/fs/exfat/exfat.ko")]
    [InlineData("kernel/net/ipv6/ipv6.ko")]
    [InlineData("kernel/net/netfilter/nf_tables.ko")]
    [InlineData("kernel/crypto/xts.ko")]
    [InlineData("kernel/drivers/virtio/virtio_mmio.ko")]
    [InlineData("kernel/drivers/block/virtio_blk.ko")]
    [InlineData("kernel/drivers/block/zram/zram.ko")]
    [InlineData("kernel/drivers/char/hw_random/virtio-rng.ko")]
    [InlineData("kernel/drivers/input/keyboard/gpio_keys.ko")]
    [InlineData("kernel/drivers/net/virtio_net.ko")]
    [InlineData("kernel/drivers/net/wireguard/wireguard.ko")]
    public void A_module_that_a_virtual_handset_can_use_is_kept(string path) => Assert.True(GuestFiles.Keeps(path));

    [Theory]
    [InlineData("kernel/drivers/gpu/drm/drm.ko")]
    [InlineData("kernel/drivers/net/ethernet/intel/e1000/e1000.ko")]
    [InlineData("kernel/drivers/net/wireless/ath/ath.ko")]
    [InlineData("kernel/drivers/mdio/mdio.ko")]
    [InlineData("kernel/net/wireless/cfg80211.ko")]
    [InlineData("kernel/net/bluetooth/bluetooth.ko")]
    [InlineData("kernel/sound/soundcore.ko")]
    public void A_module_for_hardware_that_it_lacks_is_not(string path) => Assert.False(GuestFiles.Keeps(path));
}
