using OxyPlot;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>How a series is drawn: by shape and filling first, so that a black-and-white print tells them apart.</summary>
/// <param name="Shape">Of each mark.</param>
/// <param name="Colour">Of marks and lines.</param>
/// <param name="Filled">Whether the mark is filled.</param>
/// <param name="Line">Of the line between marks, where there is one.</param>
public sealed record Mark(MarkerType Shape, OxyColor Colour, bool Filled, LineStyle Line = LineStyle.Solid)
{
    /// <summary>Pocketvisor.</summary>
    public static readonly Mark Ours = new(MarkerType.Circle, OxyColor.FromRgb(0x12, 0x2F, 0x6B), Filled: true);

    /// <summary>The same guest without a hypervisor.</summary>
    public static readonly Mark Bare = new(MarkerType.Circle, OxyColor.FromRgb(0x55, 0x55, 0x55), Filled: false, LineStyle.Dash);

    /// <summary>Xen.</summary>
    public static readonly Mark Xen = new(MarkerType.Square, OxyColor.FromRgb(0xB0, 0x5A, 0x00), Filled: false, LineStyle.Dash);

    /// <summary>KVM.</summary>
    public static readonly Mark Kvm = new(MarkerType.Triangle, OxyColor.FromRgb(0x00, 0x6B, 0x54), Filled: false, LineStyle.Dot);

    /// <summary>Bao.</summary>
    public static readonly Mark Bao = new(MarkerType.Diamond, OxyColor.FromRgb(0x7A, 0x1F, 0x5C), Filled: false, LineStyle.DashDot);

    /// <summary>Marks for several of ours in one plot, in this order.</summary>
    public static readonly IReadOnlyList<Mark> Several =
    [
        Ours,
        new(MarkerType.Square, OxyColor.FromRgb(0x12, 0x2F, 0x6B), Filled: false, LineStyle.Dash),
        new(MarkerType.Triangle, OxyColor.FromRgb(0x4A, 0x6F, 0xB5), Filled: true, LineStyle.Dot),
        new(MarkerType.Diamond, OxyColor.FromRgb(0x4A, 0x6F, 0xB5), Filled: false, LineStyle.DashDot),
    ];
}
