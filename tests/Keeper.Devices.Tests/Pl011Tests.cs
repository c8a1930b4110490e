using System.Text;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class Pl011Tests
{
    private const uint Data = 0, Flags = 0x18, LineControl = 0x2C, Control = 0x30, Mask = 0x38, Raw = 0x3C, Masked = 0x40, Clear = 0x44;

    private readonly FakeInterrupts _interrupts = new();
    private readonly ProfileConsole _console = new(1024, new FakeDoorbell());
    private readonly Pl011 _uart;

    public Pl011Tests() => _uart = new Pl011(_console, _interrupts.Line(1));

    [Fact]
    public void IdentifiesItselfAsTheUartOfTheVirtMachine()
    {
        byte[] id = [0x11, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1];
        for (uint i = 0; i < 8; i++) Assert.Equal(id[i], _uart.Read(0xFE0 + 4 * i, 4));
    }

    [Fact]
    public void HasTheManualsResetValues()
    {
        Assert.Equal(0x90u, _uart.Read(Flags, 4));
        Assert.Equal(0x300u, _uart.Read(Control, 4));
        Assert.Equal(0x12u, _uart.Read(0x34, 4));
        Assert.Equal(0u, _uart.Read(Mask, 4));
        Assert.Equal(0u, _uart.Read(Raw, 4));
    }

    [Theory]
    [InlineData(0x24u, 0x1_2345u, 0x2345u)]
    [InlineData(0x28u, 0xFFu, 0x3Fu)]
    [InlineData(LineControl, 0x170u, 0x70u)]
    [InlineData(Control, 0xFFFFu, 0xFF87u)]
    [InlineData(0x34u, 0xFFu, 0x3Fu)]
    [InlineData(Mask, 0xFFFFu, 0x7FFu)]
    [InlineData(0x48u, 0xFFu, 7u)]
    public void KeepsTheBitsThatARegisterHas(uint register, uint written, uint kept)
    {
        _uart.Write(register, 4, written);
        Assert.Equal(kept, _uart.Read(register, 4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void TransmitsBeforeItIsEnabledByAccessesOfAnySize(int size)
    {
        _uart.Write(Control, 4, 0);
        _uart.Write(Data, size, 'x');
        Assert.Equal("x", Said());
    }

    [Fact]
    public void TransmitInterruptFollowsTheWriteUntilCleared()
    {
        _uart.Write(Mask, 4, 0x20);
        Assert.Empty(_interrupts.Calls);
        _uart.Write(Data, 4, 'x');
        Assert.Equal(0x20u, _uart.Read(Masked, 4));
        Assert.Equal([(1, true)], _interrupts.Calls);
        _uart.Write(Clear, 4, 0x20);
        Assert.Equal(0u, _uart.Read(Raw, 4));
        Assert.Equal([(1, true), (1, false)], _interrupts.Calls);
    }

    [Fact]
    public void ReceiveInterruptStandsAsLongAsAByteWaits()
    {
        _uart.Write(Mask, 4, 0x50);
        Assert.Equal(2, _uart.Receive("ab"u8));
        Assert.Equal(0x50u, _uart.Read(Masked, 4));
        _uart.Write(Clear, 4, 0x7FF);
        Assert.Equal(0x50u, _uart.Read(Raw, 4));
        Assert.Equal('a', (char)_uart.Read(Data, 4));
        Assert.Equal('b', (char)_uart.Read(Data, 1));
        Assert.Equal([(1, true), (1, false)], _interrupts.Calls);
        Assert.Equal(0u, _uart.Read(Data, 4));
    }

    [Fact]
    public void ReceiveFifoLooksFullAtItsDepthAndLosesNothing()
    {
        _uart.Write(LineControl, 4, 0x70);
        _uart.Receive(new byte[15]);
        Assert.Equal(0x80u, _uart.Read(Flags, 4));
        _uart.Receive(new byte[85]);
        Assert.Equal(0xC0u, _uart.Read(Flags, 4));
        int n = 0;
        for (; (_uart.Read(Flags, 4) & 0x10) == 0; n++) _uart.Read(Data, 4);
        Assert.Equal(100, n);
    }

    [Fact]
    public void WithoutFifoOneByteFillsIt()
    {
        _uart.Receive("a"u8);
        Assert.Equal(0xC0u, _uart.Read(Flags, 4));
    }

    [Fact]
    public void LoopbackComesBackAndIsNotHeard()
    {
        _uart.Write(Control, 4, 0x381);
        _uart.Write(Data, 4, 'l');
        Assert.Equal('l', (char)_uart.Read(Data, 4));
        Assert.Equal("", Said());
    }

    [Fact]
    public void ResetForgetsInputAndLowersTheLine()
    {
        _uart.Write(Mask, 4, 0x10);
        _uart.Receive("a"u8);
        _uart.Reset();
        Assert.Equal([(1, true), (1, false)], _interrupts.Calls);
        Assert.Equal(0x90u, _uart.Read(Flags, 4));
    }

    [Fact]
    public void EveryOffsetAndSizeIsHarmless()
    {
        for (uint offset = 0; offset < 0x1000; offset++)
        {
            for (int size = 1; size <= 8; size *= 2)
            {
                _uart.Write(offset, size, ulong.MaxValue);
                _uart.Read(offset, size);
            }
        }
    }

    private string Said()
    {
        byte[] bytes = new byte[100];
        return Encoding.ASCII.GetString(bytes, 0, _console.Peek(bytes, out _));
    }
}
