using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Keeper.Machine;

/// <summary>
/// A mark that the keeper leaves in its memory for the next one. A reset leaves memory as it is: after a panic, or behind our back, guests' memory still holds what
/// profiles had there when nobody was left to zero it. Who switches a handset on finds no mark, and what the boot loader left.
/// </summary>
public static unsafe class RestartMark
{
    private const ulong First = 0xB1C6_5F3E_09A7_D24D, Second = 0x6E83_17D9_F04C_2BA5; // made for this; no memory is like that by chance

    /// <summary>Leaves it.</summary>
    /// <returns>Whether an earlier keeper has.</returns>
    public static bool Leave()
    {
        ulong* mark = (ulong*)Mark();
        bool found = mark[0] == First && mark[1] == Second;
        mark[0] = First;
        mark[1] = Second;
        Memory.CleanDataToCoherency((ulong)mark, 16); // a reset may forget the caches
        return found;
    }

    [RuntimeImport("*", "image_restart_mark"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong Mark();
}
