using System;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Diagnostics;

/// <summary>The keeper's log: lines to the handset's serial port and, once it is up, to the link. Any core may write.</summary>
public static class Log
{
    private static SpinLock s_lock;
    private static Text s_line;
    private static LinkServer s_link;

    public static void Initialize() => s_line = new Text(LinkLog.MaxLine);

    /// <summary>From now on lines go there as well.</summary>
    public static void Use(LinkServer link) => s_link = link;

    /// <summary>Starts a line that begins with "keeper: "; <see cref="End"/> must follow, and no other line between.</summary>
    public static Text Begin()
    {
        s_lock.Enter();
        return s_line.Clear().Add("keeper: "u8);
    }

    /// <summary>Starts a line that begins with "keeper: NAME: ".</summary>
    public static Text Begin(ReadOnlySpan<byte> profile) => Begin().Add(profile).Add(": "u8);

    /// <summary>Sends the line that <see cref="Begin()"/> started.</summary>
    public static void End()
    {
        HandsetUart.Write(s_line.Bytes);
        HandsetUart.Write("\r\n"u8);
        s_link?.Log(s_line.Bytes);
        s_lock.Exit();
    }

    public static void Line(ReadOnlySpan<byte> text)
    {
        Begin().Add(text);
        End();
    }
}
