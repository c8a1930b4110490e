namespace Pocketvisor.Flash.Tests;

public sealed record SectorWrite(ulong Sector, byte[] Bytes);
