namespace Pocketvisor.Flash;

/// <summary>A contiguous piece of a file on the flash, in sectors of <see cref="BlockDevice.SectorBytes"/>.</summary>
public readonly struct Extent
{
    public Extent(ulong sector, ulong sectors)
    {
        Sector = sector;
        Sectors = sectors;
    }

    /// <summary>The first sector, counted from the start of the device.</summary>
    public ulong Sector { get; }

    public ulong Sectors { get; }
}
