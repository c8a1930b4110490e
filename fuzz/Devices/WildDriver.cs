using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Tests.Fakes;

namespace Pocketvisor.Fuzz.Devices;

/// <summary>A guest's driver that does what the input says: right steps of a virtio driver, in any order, and wrong ones between them.</summary>
internal sealed class WildDriver(MmioDevice device, ArrayMemory memory, int queues, Choices choices)
{
    private const int Steps = 10;

    private static readonly uint[] s_registers = [0x14, 0x20, 0x24, 0x30, 0x38, 0x44, 0x50, 0x64, 0x70, 0x80, 0x84, 0x90, 0x94, 0xA0, 0xA4, 0x100];
    private static readonly ulong[] s_wild = [0, 1, 2, 7, 8, 15, 16, 63, 64, 127, 128, 255, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1ul << 32, ulong.MaxValue - 7, ulong.MaxValue];

    private MockDriver _driver = new(device, memory);

    /// <summary>The bytes of a step that starts the device, for seeds.</summary>
    public static byte[] Start(byte features = 1) => [0, features];

    /// <summary>A buffer in a descriptor, which is offered.</summary>
    public static byte[] Offer(byte queue, byte index, ushort offset, ushort length, byte flags, byte next = 0) =>
        [4, queue, index, 0, (byte)offset, (byte)(offset >> 8), 0, (byte)length, (byte)(length >> 8), flags, next, 5, queue, index, 1];

    /// <param name="more">Steps beside the driver's.</param>
    public void Step(params ReadOnlySpan<Action> more)
    {
        int step = choices.Byte() % (Steps + more.Length);
        if (step < Steps) Step(step);
        else more[step - Steps]();
    }

    private void Step(int step)
    {
        switch (step)
        {
            case 0:
                ulong offered = choices.Byte() % 3 == 0 ? 0 : (uint)device.Read(0x10, 4) & uint.MaxValue;
                _driver = new MockDriver(device, memory).Start(queues, offered);
                break;
            case 1: device.Write(choices.Of<uint>(s_registers), 4, Value()); break;
            case 2: device.Write((uint)choices.U16() % 0x200, 1 << choices.Byte() % 4, Value()); break;
            case 3: device.Read((uint)choices.U16() % 0x200, 1 << choices.Byte() % 4); break;
            case 4: _driver.Descriptor(Queue(), choices.Byte() % 16, Address(), Length(), choices.Byte(), choices.Byte()); break;
            case 5: _driver.Offer(Queue(), choices.Byte(), notify: choices.Byte() % 4 != 0); break;
            case 6: choices.Bytes(choices.Byte() % 64).CopyTo(memory.Bytes.AsSpan(choices.U16() % (memory.Bytes.Length - 64))); break;
            case 7: _driver.SetAvailableIndex(Queue(), choices.U16()); break;
            case 8: _driver.Notify(Queue()); break;
            case 9: _driver.SetNoInterrupt(Queue(), choices.Byte() % 2 == 0); break;
        }
    }

    private int Queue() => choices.Byte() % queues;

    private ulong Address() => choices.Byte() switch
    {
        0xFF => choices.Of<ulong>(s_wild),
        0xFE => memory.Address + memory.Size - choices.Byte(),
        0xFD => choices.U64(),
        _ => memory.Address + choices.U16(),
    };

    private uint Length() => choices.Byte() switch
    {
        0xFF => (uint)choices.Of<ulong>(s_wild),
        0xFE => choices.U32(),
        0xFD => 16u * choices.Byte(), // a table of descriptors
        _ => choices.U16(),
    };

    private ulong Value() => choices.Byte() switch
    {
        < 64 => choices.Byte(),
        < 128 => memory.Address + choices.U16(),
        < 192 => choices.Of<ulong>(s_wild),
        _ => choices.U64(),
    };
}
