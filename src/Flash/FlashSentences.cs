using System;

namespace Pocketvisor.Flash;

/// <summary>What the user reads where there is nothing better to say.</summary>
public static class FlashSentences
{
    public static ReadOnlySpan<byte> Of(FlashStatus status) => status switch
    {
        FlashStatus.DeviceFailed => "the flash failed to read or write"u8,
        FlashStatus.NotExFat => "there is no exFAT volume on the flash; put a copy of one there, or make an empty one with mkfs.exfat"u8,
        FlashStatus.Damaged => "the volume on the flash is damaged; fsck.exfat can repair it while the handset is off"u8,
        FlashStatus.NotFound => "there is no such profile or file on the flash"u8,
        FlashStatus.Exists => "it is on the flash already"u8,
        FlashStatus.NoSpace => "there is no room for it on the flash"u8,
        FlashStatus.BadName => "a profile or file can't have this name"u8,
        FlashStatus.NotEmpty => "the folder is not empty"u8,
        FlashStatus.WrongKind => "there is a folder where a file is needed, or a file where a folder is needed"u8,
        FlashStatus.TooFragmented => "the file is in too many pieces"u8,
        FlashStatus.OutOfRange => "a file is shorter or longer than announced"u8,
        _ => "done"u8,
    };
}
