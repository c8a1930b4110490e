using System.Runtime.InteropServices;

namespace Pocketvisor.Cli.Screen;

/// <summary>
/// The terminal without its own ideas: every key goes to the program as it is (POSIX, "termios.h"). Dispose to give the terminal its ideas back.
/// </summary>
public sealed class RawTerminal : IDisposable
{
    private const int StandardInput = 0, Now = 0;
    private const nuint GetWindowSize = 0x5413; // TIOCGWINSZ: ioctl_tty(2)

    // struct termios has 60 bytes in glibc and musl; its layout is theirs alone.
    private readonly byte[] _before = new byte[128];
    private readonly bool _changed;

    /// <summary>Makes standard input raw if it is a terminal.</summary>
    public RawTerminal()
    {
        if (isatty(StandardInput) == 0 || tcgetattr(StandardInput, _before) != 0)
            return;
        var raw = (byte[])_before.Clone();
        cfmakeraw(raw);
        _changed = tcsetattr(StandardInput, Now, raw) == 0;
    }

    /// <summary>Whether standard input is a terminal.</summary>
    public static bool IsTerminal => isatty(StandardInput) != 0;

    /// <summary>Columns and rows of the terminal; null if it doesn't know.</summary>
    public static (ushort Columns, ushort Rows)? Size
    {
        get
        {
            var window = new ushort[4]; // struct winsize: rows, columns, and both in pixels
            return ioctl(StandardInput, GetWindowSize, window) == 0 && window is [> 0 and var rows, > 0 and var columns, ..] ? (columns, rows) : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_changed)
            _ = tcsetattr(StandardInput, Now, _before);
    }

    /// <summary>Reads what was typed; 0 at the end. Unlike .NET's console it leaves the terminal's settings alone.</summary>
    public static int Read(byte[] buffer) => (int)Math.Max(0, read(StandardInput, buffer, (nuint)buffer.Length));

#pragma warning disable SYSLIB1054, IDE1006 // Generated marshalling would need unsafe code; the names are C's.
    [DllImport("libc")]
    private static extern int isatty(int descriptor);

    [DllImport("libc")]
    private static extern int tcgetattr(int descriptor, [Out] byte[] settings);

    [DllImport("libc")]
    private static extern int tcsetattr(int descriptor, int when, byte[] settings);

    [DllImport("libc")]
    private static extern void cfmakeraw([In, Out] byte[] settings);

    [DllImport("libc")]
    private static extern int ioctl(int descriptor, nuint request, [Out] ushort[] window);

    [DllImport("libc")]
    private static extern nint read(int descriptor, [Out] byte[] buffer, nuint count);
#pragma warning restore SYSLIB1054, IDE1006
}
