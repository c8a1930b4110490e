using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>Registers, negotiation and status of every virtio device, shown on the entropy device.</summary>
public sealed class VirtioTransportTests
{
    private const uint NeedsReset = 64;

    private readonly FakeInterrupts _interrupts = new();
    private readonly ArrayMemory _memory = new(0x4000_0000, 0x1_0000);
    private readonly VirtioEntropy _device;
    private readonly MockDriver _driver;

    public VirtioTransportTests()
    {
        _device = new VirtioEntropy(new FakeRandom(), _memory, _interrupts.Line(17));
        _driver = new MockDriver(_device, _memory);
    }

    [Theory]
    [InlineData(0x000u, 0x74726976u)]
    [InlineData(0x004u, 2u)]
    [InlineData(0x008u, 4u)]
    [InlineData(0x034u, 16u)]
    [InlineData(0x044u, 0u)]
    [InlineData(0x060u, 0u)]
    [InlineData(0x070u, 0u)]
    [InlineData(0x0B0u, 0xFFFFFFFFu)]
    [InlineData(0x0BCu, 0xFFFFFFFFu)]
    [InlineData(0x0FCu, 0u)]
    [InlineData(0x100u, 0u)]
    public void RegistersAfterReset(uint register, uint value)
    {
        Assert.Equal(value, _driver.Register(register));
        Assert.NotEqual(0u, _driver.Register(0x00C));
    }

    [Fact]
    public void OffersVersion1InTheSecondWord()
    {
        Assert.Equal(0u, _driver.Register(0x10));
        _driver.Register(0x14, 1);
        Assert.Equal(1u, _driver.Register(0x10));
        _driver.Register(0x14, 2);
        Assert.Equal(0u, _driver.Register(0x10));
        _driver.Register(0x14, uint.MaxValue);
        Assert.Equal(0u, _driver.Register(0x10));
    }

    [Theory]
    [InlineData(1ul << 32, true)]
    [InlineData(0ul, false)]                   // a legacy driver
    [InlineData(1ul << 32 | 1ul << 28, false)] // not offered
    [InlineData(1ul << 33 | 1ul << 32, false)]
    public void AgreesOnlyOnWhatItOffers(ulong features, bool agreed)
    {
        _driver.Negotiate(features);
        Assert.Equal(agreed ? 11u : 3u, _driver.Register(0x70));
        _driver.Register(0x70, 15);
        Assert.Equal(agreed, _device.IsLive);
    }

    [Fact]
    public void AgreedFeaturesAreFinal()
    {
        _driver.Negotiate(1UL << 32);
        _driver.Register(0x24, 1);
        _driver.Register(0x20, 0);
        _driver.Register(0x70, 15);
        Assert.True(_device.IsLive);
    }

    [Fact]
    public void StatusBitsAreOnlyAdded()
    {
        _driver.Start(1);
        _driver.Register(0x70, 1);
        Assert.Equal(15u, _driver.Register(0x70));
        _driver.Register(0x70, NeedsReset | 15);
        Assert.Equal(15u, _driver.Register(0x70));
        _driver.Register(0x70, 128 | 15);
        Assert.False(_device.IsLive);
    }

    [Fact]
    public void NothingGoesLiveWithoutAgreement()
    {
        _driver.Register(0x70, 1);
        _driver.Register(0x70, 7);
        Assert.Equal(3u, _driver.Register(0x70));
    }

    [Fact]
    public void WritingZeroResets()
    {
        _driver.Start(1);
        _driver.Register(0x70, 0);
        Assert.Equal(0u, _driver.Register(0x70));
        Assert.Equal(0u, _driver.Register(0x44));
        Assert.False(_device.IsLive);
    }

    [Fact]
    public void OnlyAligned32BitAccessesReachTheRegisters()
    {
        Assert.Equal(0ul, _device.Read(0, 1));
        Assert.Equal(0ul, _device.Read(0, 8));
        Assert.Equal(0ul, _device.Read(1, 4));
        _device.Write(0x70, 1, 1);
        Assert.Equal(0u, _driver.Register(0x70));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)]
    [InlineData(32u)]
    [InlineData(0x8000_0008u)]
    public void ImpossibleQueueSizesAreRefused(uint size) =>
        Refused(size, _driver.Table(0), _driver.DriverArea(0), _driver.DeviceArea(0));

    [Theory]
    [InlineData(8ul, 0ul, 0ul)]
    [InlineData(0ul, 1ul, 0ul)]
    [InlineData(0ul, 0ul, 2ul)]
    [InlineData(0x1_0000ul, 0ul, 0ul)]
    [InlineData(0ul, 0x1_0000ul, 0ul)]
    [InlineData(0ul, 0ul, 0x1_0000ul)]
    [InlineData(0xFF90ul, 0ul, 0ul)]                // the last descriptor is outside
    [InlineData(0ul, 0xFFEC - 0x400ul, 0ul)]        // 22 bytes needed, 20 there
    [InlineData(0ul, 0ul, 0xFFBC - 0x800ul)]        // 70 bytes needed, 68 there
    [InlineData(0xFFFF_FFFF_0000_0000ul, 0ul, 0ul)]
    [InlineData(0ul, 0xFFFF_FFFF_0000_0000ul, 0ul)]
    [InlineData(0ul, 0ul, 0xFFFF_FFFF_BFFF_F800ul)] // wraps to a small address
    public void QueuesOutsideMemoryOrMisalignedAreRefused(ulong table, ulong driverArea, ulong deviceArea) =>
        Refused(8, _driver.Table(0) + table, _driver.DriverArea(0) + driverArea, _driver.DeviceArea(0) + deviceArea);

    [Fact]
    public void AReadyQueueIsNotReconfigured()
    {
        _driver.Start(1);
        _driver.Configure(0, 4, 0, 0, 0);
        Assert.Equal(1u, _driver.Register(0x44));
        _driver.Descriptor(0, 0, _driver.Data, 4, 2, 0);
        _driver.Offer(0, 0);
        Assert.Equal(1, _driver.UsedIndex(0));
    }

    [Fact]
    public void QueuesThatDoNotExistSwallowEverything()
    {
        _driver.Start(1);
        foreach (uint queue in (uint[])[1, 2, 0x8000_0000, uint.MaxValue])
        {
            _driver.Register(0x30, queue);
            Assert.Equal(0u, _driver.Register(0x34));
            Assert.Equal(0u, _driver.Register(0x44));
            _driver.Register(0x38, 8);
            _driver.Register(0x44, 1);
            Assert.Equal(0u, _driver.Register(0x44));
            _driver.Register(0x50, queue);
        }

        Assert.True(_device.IsLive);
    }

    [Fact]
    public void NotifyBeforeTheDriverIsUpDoesNothing()
    {
        _driver.Negotiate(1UL << 32);
        _driver.SetUp(0);
        _driver.Descriptor(0, 0, _driver.Data, 4, 2, 0);
        _driver.Offer(0, 0);
        Assert.Equal(0, _driver.UsedIndex(0));
        _driver.Register(0x70, 15);
        _driver.Notify(0);
        Assert.Equal(1, _driver.UsedIndex(0));
    }

    [Fact]
    public void InterruptStandsUntilAcknowledged()
    {
        _driver.Start(1);
        _driver.Descriptor(0, 0, _driver.Data, 4, 2, 0);
        _driver.Offer(0, 0);
        _driver.Offer(0, 0);
        Assert.Equal([(17, true)], _interrupts.Calls);
        Assert.Equal(1u, _driver.Register(0x60));
        _driver.Register(0x64, 2);
        Assert.Equal([(17, true)], _interrupts.Calls);
        _driver.Register(0x64, 1);
        Assert.Equal([(17, true), (17, false)], _interrupts.Calls);
    }

    [Fact]
    public void AMistakeNeedsAResetAndSaysSo()
    {
        _driver.Start(1);
        _driver.SetAvailableIndex(0, 100);
        _driver.Notify(0);
        Assert.Equal(15 | NeedsReset, _driver.Register(0x70));
        Assert.Equal(2u, _driver.Register(0x60));
        _driver.Start(1);
        Assert.True(_device.IsLive);
        Assert.Equal(0u, _driver.Register(0x60));
    }

    [Fact]
    public void EmptySlotsAreTransportsWithoutDevice()
    {
        EmptySlots slots = new();
        Assert.Equal(0x74726976u, slots.Read(0x200, 4));
        Assert.Equal(2u, slots.Read(0x204, 4));
        Assert.Equal(0u, slots.Read(0x208, 4));
    }

    [Fact]
    public void AnAbsentDeviceIsAnEmptySlot()
    {
        SometimesThere device = new(_memory, _interrupts.Line(18));
        MockDriver driver = new(device, _memory);
        device.Plug(false);
        driver.Start(1);
        Assert.Equal(0x74726976u, driver.Register(0x000));
        Assert.Equal(2u, driver.Register(0x004));
        foreach (uint register in (uint[])[0x008, 0x00C, 0x010, 0x034, 0x044, 0x060, 0x070, 0x0B0, 0x100])
            Assert.Equal(0u, driver.Register(register));
        driver.Notify(0);
        Assert.False(device.IsLive);
        Assert.Equal(0, device.Notified);

        device.Reset();
        device.Plug(true);
        driver.Start(1);
        driver.Notify(0);
        Assert.Equal(1, device.Notified);
    }

    private sealed class SometimesThere(GuestMemory memory, InterruptLine line) : VirtioDevice(VirtioMmio.Entropy, 0, 1, 8, memory, line)
    {
        public int Notified { get; private set; }

        public void Plug(bool present) => IsPresent = present;

        protected override void OnNotify(int queue) => Notified++;

        protected override byte ReadConfig(uint offset) => 0xEE;
    }

    private void Refused(uint size, ulong table, ulong driverArea, ulong deviceArea)
    {
        _driver.Negotiate(1UL << 32);
        _driver.Configure(0, size, table, driverArea, deviceArea);
        _driver.Register(0x44, 1);
        Assert.Equal(0u, _driver.Register(0x44));
        Assert.Equal(11 | NeedsReset, _driver.Register(0x70));
        _driver.Register(0x70, 15);
        Assert.False(_device.IsLive);
    }
}
