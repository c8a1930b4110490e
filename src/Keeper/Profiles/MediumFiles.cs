using System;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.BootMedium;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>Files on the boot medium: <c>profiles/NAME/FILE</c> in a cpio archive in memory, as tests bring it.</summary>
public sealed class MediumFiles : ProfileFiles
{
    private const int MaxFolder = 64;

    private readonly MemoryRange _medium;
    private readonly byte[] _folder = new byte[MaxFolder];

    public MediumFiles(MemoryRange medium) => _medium = medium;

    public static ReadOnlySpan<byte> Root => "profiles/"u8;

    public ReadOnlySpan<byte> Archive => Memory.At(_medium.Start, (int)Math.Min(_medium.Size, int.MaxValue));

    public override bool TryOpen(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file, GuestFile into)
    {
        int length = Root.Length + profile.Length + 1;
        Root.CopyTo(_folder);
        profile.CopyTo(new Span<byte>(_folder, Root.Length, profile.Length));
        _folder[length - 1] = (byte)'/';
        if (!CpioArchive.TryFind(Archive, new ReadOnlySpan<byte>(_folder, 0, length), file, out int offset, out int size)) return false;
        into.Open(new MemoryRange(_medium.Start + (ulong)offset, (ulong)size));
        return true;
    }
}
