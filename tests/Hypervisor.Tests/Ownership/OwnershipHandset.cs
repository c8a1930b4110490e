using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// The handset that histories are taken on: small enough to be looked at whole after every step, and with places where a page may be part of a 2 MB block.
/// <code>
///   0x4000_0000 hypervisor's, 1 MB │ 0x4010_0000 the keeper's │ 0x4080_0000 hole │ 0x4084_0000 16 more pages
/// </code>
/// </summary>
internal static class OwnershipHandset
{
    public const int Cores = 3;
    public const ulong Page = 0x1000, Block = 1 << 21;

    /// <summary>The pages that most steps are about.</summary>
    public const ulong Hot = FakeHandset.Memory + FakeHandset.OwnBytes;
    public const int HotPages = 48;

    /// <summary>Three aligned blocks.</summary>
    public const ulong Blocks = FakeHandset.Memory + Block;

    public const ulong End = FakeHandset.Memory + 4 * Block, SecondBank = End + 64 * Page, SecondBankEnd = SecondBank + 16 * Page;

    /// <summary>Where guests have memory.</summary>
    public const ulong Guest = VirtualHandset.Ram;

    public static Harness Start()
    {
        HandsetDescription handset = FakeHandset.Describe(Cores);
        handset.Ranges[HandsetDescription.FirstBank].End = End;
        handset.Ranges[HandsetDescription.FirstBank + 1] = new() { Start = SecondBank, End = SecondBankEnd };
        FakeHandset.Start(handset, keeperTables: 16);
        ReferenceModel model = new(handset, FakeHandset.OwnBytes);
        return new Harness(model, new Invariants(), new Agreement(model.Index(Hot), HotPages));
    }
}
