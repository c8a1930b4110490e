using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Tests;

namespace Pocketvisor.Fuzz.Hypercalls;

/// <summary>What lies in registers: few bytes of input for what matters.</summary>
internal static class Values
{
    private static readonly ulong[] s_addresses =
    [
        0, FakeHandset.Memory, FakeHandset.Memory + 0xF_F000, FakeHandset.Memory + FakeHandset.OwnBytes, FakeHandset.Free, FakeHandset.Free + 0x1_0000, FakeHandset.Free + 0x20_0000, FakeHandset.Free + 0x40_0000,
        FakeHandset.Memory + FakeHandset.MemoryBytes - 0x1000, FakeHandset.Memory + FakeHandset.MemoryBytes, FakeHandset.SecondBank, FakeHandset.SecondBank + FakeHandset.SecondBankBytes - 0x1000,
        0x0800_0000, 0x0900_0000, 0x40_0000_0000, ulong.MaxValue & ~0xFFFul,
    ];

    /// <summary>0 to 63 as they are; addresses that matter, and near them; anything.</summary>
    public static ulong Value(this Choices choices) => choices.Byte() switch
    {
        < 0x40 and var small => small,
        < 0x50 and var index => s_addresses[index - 0x40],
        < 0x60 and var index => s_addresses[index - 0x50] + (ulong)(sbyte)choices.Byte() * FakeHandset.Page,
        < 0x70 and var index => s_addresses[index - 0x60] + choices.Byte(),
        < 0x80 => VirtualHandset.Ram + choices.Byte() * FakeHandset.Page,
        < 0xA0 => 1ul << choices.Byte(),
        < 0xC0 => choices.U16(),
        < 0xE0 => choices.U32(),
        _ => choices.U64(),
    };

    /// <summary>A guest physical address that can trap: in and around the GIC's region, in devices', anywhere.</summary>
    public static ulong TrappingAddress(this Choices choices) => (choices.Byte() % 8) switch
    {
        0 or 1 => VirtualHandset.GicDistributor + choices.U16(),
        2 or 3 => VirtualHandset.GicRedistributor + (choices.U32() & 0xF_FFFF), // those of eight vCPUs
        4 => VirtualHandset.GicDistributor - 0x1000 + (choices.U32() & 0x1FF_FFFF), // to behind its end
        5 => VirtualHandset.VirtioMmio + choices.U16(),
        _ => choices.Value(),
    };
}
