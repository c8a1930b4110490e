using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// The handset that histories are taken on: small enough to be looked at whole after every step, and with one aligned block of 2 MB.
/// <code>
///   0x4000_0000 hypervisor's, 1 MB │ 0x4010_0000 the keeper's │ 0x4040_0000 hole │ 0x4041_0000 16 more pages
/// </code>
/// </summary>
internal static class OwnershipHandset
{
    public const int Cores = 3;
    public const ulong Page = 0x1000, Block = 1 << 21;

    /// <summary>The pages that most steps are about.</summary>
    public const ulong Hot = FakeHandset.Memory + FakeHandset.OwnBytes;
    public const int HotPages = 48;

    public const ulong AlignedBlock = FakeHandset.Memory + Block;

    public const ulong End = AlignedBlock + Block, SecondBank = End + 16 * Page, SecondBankEnd = SecondBank + 16 * Page;

    /// <summary>The handset's interrupt controller, which is not where the virtual ones are.</summary>
    public const ulong Gicd = 0x2F00_0000, Gicr = 0x2F10_0000;

    /// <summary>Where guests have memory.</summary>
    public const ulong Guest = VirtualHandset.Ram;

    public static Harness Start()
    {
        HandsetDescription handset = FakeHandset.Describe(Cores);
        handset.Ranges[HandsetDescription.Gicd] = new() { Start = Gicd, End = Gicd + 0x1_0000 };
        handset.Ranges[HandsetDescription.Gicr] = new() { Start = Gicr, End = Gicr + Cores * 0x2_0000 };
        handset.Ranges[HandsetDescription.FirstBank].End = End;
        handset.Ranges[HandsetDescription.FirstBank + 1] = new() { Start = SecondBank, End = SecondBankEnd };
        FakeHandset.Start(handset, keeperTables: 16);
        ReferenceModel model = new(handset, FakeHandset.OwnBytes);
        return new Harness(model, new Invariants(), new Agreement(model.Index(Hot), HotPages));
    }
}
