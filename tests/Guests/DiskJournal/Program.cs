using System.Runtime;

namespace Pocketvisor.Guests;

/// <summary>
/// Writes numbered records to its disk, each into the sector of its number modulo the sectors, flushes now and then, and says up to where. At its
/// start it reads the disk and says up to which number every record is there: a power cut may lose only what was not flushed.
/// </summary>
internal static class Program
{
    private const ulong Sectors = 2048, WordsPerSector = 64, Batch = 32; // sectors a request
    private const ulong Mix = 0x9E37_79B9_7F4A_7C15;

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        Disk.Find(new Machine(tree));
        if (!Disk.Start() || Disk.Sectors < Sectors)
        {
            Console.Line("journal: NO DISK"u8);
            return;
        }

        ulong next = Recover();
        Console.Line("journal: found"u8, next - 1);
        for (ulong round = 1; ; round++)
        {
            ulong count = round % 7 + 1;
            for (ulong i = 0; i < count; i++, next++)
            {
                Fill(Disk.Data, next);
                if (Disk.Request(Disk.Out, next % Sectors, 512) != 0) Failed("write"u8, next);
            }
            if (Disk.Request(Disk.Flush, 0, 0) != 0) Failed("flush"u8, next);
            Console.Line("journal: flushed"u8, next - 1);
        }
    }

    // A sector that holds number n is due again at n + Sectors; the first that is due was not written, or not kept.
    private static ulong Recover()
    {
        ulong due = ulong.MaxValue;
        for (ulong first = 0; first < Sectors; first += Batch)
        {
            if (Disk.Request(Disk.In, first, (uint)(Batch * 512)) != 0) Failed("read"u8, first);
            for (ulong i = 0; i < Batch; i++)
            {
                ulong number = Check(Disk.Data + i * 512, first + i);
                if (number + Sectors < due) due = number + Sectors;
            }
        }
        return due;
    }

    // The number of the record in a sector; one that was never written counts as its first.
    private static ulong Check(ulong at, ulong sector)
    {
        ulong number = Memory.Read64(at);
        if (number == 0) number = sector;
        else if (number % Sectors != sector) Failed("WRONG SECTOR"u8, sector);
        for (ulong word = 1; word < WordsPerSector; word++)
        {
            ulong wanted = number < Sectors ? 0 : number * Mix + word;
            if (Memory.Read64(at + 8 * word) != wanted) Failed("TORN SECTOR"u8, sector);
        }
        return number;
    }

    private static void Fill(ulong at, ulong number)
    {
        Memory.Write64(at, number);
        for (ulong word = 1; word < WordsPerSector; word++) Memory.Write64(at + 8 * word, number * Mix + word);
    }

    private static void Failed(System.ReadOnlySpan<byte> what, ulong number)
    {
        Console.Print("guest: journal: FAILED "u8);
        Console.Line(what, number);
        Cpu.SystemOff();
    }

    [RuntimeExport("guest_secondary")]
    private static void Secondary(ulong index) => Cpu.SystemOff();
}
