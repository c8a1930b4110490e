using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pocketvisor.Flash;

namespace Pocketvisor.Handsets;

/// <summary>A flash image on the PC. Zeros become holes where the PC's file system can.</summary>
public sealed class ImageFile : BlockDevice, IDisposable
{
    // linux/falloc.h: FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
    private const int PunchHole = 0x02 | 0x01;

    private static readonly byte[] Nothing = new byte[1 << 20];

    private readonly SafeFileHandle _file;

    private ImageFile(SafeFileHandle file)
    {
        _file = file;
        Sectors = (ulong)RandomAccess.GetLength(file) / SectorBytes;
    }

    /// <inheritdoc/>
    public override ulong Sectors { get; }

    /// <summary>Opens an image, and keeps other programs of ours out.</summary>
    /// <exception cref="HandsetException">It is not there, or in use.</exception>
    public static ImageFile Open(string path)
    {
        try
        {
            return new ImageFile(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HandsetException($"{path} can't be opened: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(ulong sector, Span<byte> data)
    {
        if (!Contains(sector, (ulong)data.Length))
            return false;
        try
        {
            for (var offset = (long)sector * SectorBytes; data.Length > 0;)
            {
                var count = RandomAccess.Read(_file, data, offset);
                if (count == 0)
                    return false; // Somebody has cut it.
                data = data[count..];
                offset += count;
            }
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override bool TryWrite(ulong sector, ReadOnlySpan<byte> data)
    {
        if (!Contains(sector, (ulong)data.Length))
            return false;
        try
        {
            RandomAccess.Write(_file, data, (long)sector * SectorBytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override bool TryZero(ulong sector, ulong count)
    {
        if (count > Sectors || !Contains(sector, count * SectorBytes))
            return false;
        if (fallocate(_file, PunchHole, (long)sector * SectorBytes, (long)count * SectorBytes) == 0)
            return true;
        while (count > 0)
        {
            var piece = Math.Min(count, (ulong)Nothing.Length / SectorBytes);
            if (!TryWrite(sector, Nothing.AsSpan(0, (int)piece * SectorBytes)))
                return false;
            sector += piece;
            count -= piece;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool TryFlush()
    {
        try
        {
            RandomAccess.FlushToDisk(_file);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    [DllImport("libc")]
    private static extern int fallocate(SafeFileHandle file, int mode, long offset, long length);

    private bool Contains(ulong sector, ulong bytes) =>
        bytes % SectorBytes == 0 && sector <= Sectors && bytes / SectorBytes <= Sectors - sector;
}
