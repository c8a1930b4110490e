using System.Text;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class VirtioConsoleTests
{
    private const int Receive = 0, Transmit = 1;
    private const ushort Next = 1, Write = 2;

    private readonly ArrayMemory _memory = new(0x4000_0000, 0x1_0000);
    private readonly FakeInterrupts _interrupts = new();
    private readonly ProfileConsole _console = new(64, new FakeDoorbell());
    private readonly VirtioConsole _device;
    private readonly MockDriver _driver;

    public VirtioConsoleTests()
    {
        _device = new VirtioConsole(_console, _memory, _interrupts.Line(16), 132, 43);
        _driver = new MockDriver(_device, _memory);
    }

    [Fact]
    public void ConfigurationIsTheSizeOfTheScreen()
    {
        Assert.Equal(3u, _driver.Register(8));
        Assert.Equal(1u, _driver.Register(0x10));
        Assert.Equal(132ul, _device.Read(0x100, 2));
        Assert.Equal(43ul, _device.Read(0x102, 2));
        Assert.Equal(0ul, _device.Read(0x104, 4));
        Assert.Equal(43ul << 16 | 132, _device.Read(0x100, 8));
        Assert.Equal(0ul, _device.Read(0x1FC, 8));
    }

    [Fact]
    public void ResizeRaisesAConfigurationChange()
    {
        _driver.Start(2, 1);
        _device.Resize(100, 30);
        Assert.Equal(1u, _driver.Register(0xFC));
        Assert.Equal(2u, _driver.Register(0x60));
        Assert.Equal(100ul, _device.Read(0x100, 2));
    }

    [Fact]
    public void SaysWhatTheChainHolds()
    {
        _driver.Start(2);
        "hello, world"u8.CopyTo(_memory.Slice(_driver.Data, 12));
        _driver.Descriptor(Transmit, 0, _driver.Data, 5, Next, 1);
        _driver.Descriptor(Transmit, 1, _driver.Data + 5, 7, 0, 0);
        _driver.Offer(Transmit, 0);
        Assert.Equal("hello, world", Said());
        Assert.Equal((0u, 0u), _driver.Used(Transmit, 0));
        Assert.True(_interrupts.Line(16).Level);
    }

    [Fact]
    public void OfHugeOutputTheEndIsSaid()
    {
        _driver.Start(2);
        _memory.Slice(_driver.Data, 0x8000).Fill((byte)'-');
        "the end"u8.CopyTo(_memory.Slice(_driver.Data + 0x7FF9, 7));
        for (int i = 0; i < 8; i++) _driver.Descriptor(Transmit, i, _driver.Data, 0x8000, Next, (ushort)(i + 1));
        _driver.Descriptor(Transmit, 7, _driver.Data, 0x8000, 0, 0);
        _driver.Offer(Transmit, 0);
        Assert.Equal(new string('-', 57) + "the end", Said());
    }

    [Fact]
    public void TypedTextWaitsForBuffers()
    {
        _driver.Start(2);
        Assert.False(_device.TakesInput);
        _driver.Descriptor(Receive, 0, _driver.Data, 4, Write, 0);
        _driver.Offer(Receive, 0);
        Assert.True(_device.TakesInput);
        _device.Receive("abcdefg"u8);
        Assert.Equal((0u, 4u), _driver.Used(Receive, 0));
        Assert.True(_device.TakesInput);
        _driver.Descriptor(Receive, 1, _driver.Data + 4, 4, Write, 0);
        _driver.Offer(Receive, 1);
        Assert.Equal((1u, 3u), _driver.Used(Receive, 1));
        Assert.Equal("abcdefg", Encoding.ASCII.GetString(_memory.Slice(_driver.Data, 7)));
    }

    /// <summary>A driver that starts hears of no change, and yet must learn the size.</summary>
    [Fact]
    public void TheFirstInputOfEachStartTellsTheSize()
    {
        for (int start = 0; start < 2; start++)
        {
            MockDriver driver = new MockDriver(_device, _memory).Start(2);
            for (int i = 0; i < 2; i++)
            {
                driver.Descriptor(Receive, i, driver.Data, 4, Write, 0);
                driver.Offer(Receive, (ushort)i);
            }

            Assert.Equal(0u, driver.Register(0x60));
            _device.Receive("a"u8);
            Assert.Equal(1u | 2, driver.Register(0x60)); // a used buffer, a configuration change
            driver.Register(0x64, 3);
            _device.Receive("b"u8);
            Assert.Equal(1u, driver.Register(0x60));
        }
    }

    [Fact]
    public void ResetForgetsTheDriverAndTheInput()
    {
        _driver.Start(2);
        _driver.Descriptor(Receive, 0, _driver.Data, 4, Write, 0);
        _driver.Offer(Receive, 0);
        Assert.True(_device.TakesInput);
        _driver.Register(0x70, 0);
        Assert.False(_device.TakesInput);
    }

    [Fact]
    public void ALyingReceiveQueueIsFoundOutByInput()
    {
        _driver.Start(2);
        _driver.Offer(Receive, 50, notify: false);
        _device.Receive("x"u8);
        Assert.False(_device.IsLive);
        Assert.Equal(15u | 64, _driver.Register(0x70));
    }

    private string Said()
    {
        byte[] bytes = new byte[100];
        return Encoding.ASCII.GetString(bytes, 0, _console.Peek(bytes, out _));
    }
}
