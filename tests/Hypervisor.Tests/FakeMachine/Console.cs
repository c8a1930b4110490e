using System;
using System.Globalization;
using System.Text;

namespace Pocketvisor.Hypervisor.Boot;

/// <summary>The handset's console, as text.</summary>
internal static class Console
{
    public static StringBuilder Text { get; } = new();

    public static void Print(ReadOnlySpan<byte> text) => Text.Append(Encoding.ASCII.GetString(text));

    public static void Print(ReadOnlySpan<byte> text, ulong number)
    {
        Print(text);
        Text.Append(number);
    }

    public static void Hex(ulong value) => Text.Append(value.ToString("x16", CultureInfo.InvariantCulture));
}
