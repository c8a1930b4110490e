using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>What all plots of the report have in common.</summary>
internal static class Drawing
{
    // OxyPlot measures text by Arial's widths. Readers have it, or Helvetica, or one that was made as wide.
    private const string Font = "Arial", Fonts = "Helvetica, Arial, 'Liberation Sans', sans-serif";
    private const double FontSize = 12;

    public static readonly OxyColor Ink = OxyColor.FromRgb(0x22, 0x22, 0x22), Grid = OxyColor.FromRgb(0xDD, 0xDD, 0xDD), Goal = OxyColor.FromRgb(0xA0, 0x10, 0x10);

    /// <summary>An empty plot.</summary>
    public static PlotModel Model()
    {
        var model = new PlotModel
        {
            Culture = CultureInfo.InvariantCulture,
            DefaultFont = Font,
            DefaultFontSize = FontSize,
            TextColor = Ink,
            PlotAreaBorderColor = Ink,
            PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1),
            Padding = new OxyThickness(4, 8, 16, 4),
        };
        model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.BottomCenter,
            LegendOrientation = LegendOrientation.Horizontal,
            LegendBorderThickness = 0,
            LegendItemSpacing = 20,
            LegendLineSpacing = 6,
            LegendSymbolLength = 22,
        });
        return model;
    }

    /// <summary>Gives an axis the look of all.</summary>
    public static T Styled<T>(T axis, string title)
        where T : Axis
    {
        axis.Title = title;
        axis.AxislineColor = axis.TicklineColor = Ink;
        axis.MajorGridlineColor = Grid;
        axis.MajorGridlineStyle = LineStyle.Solid;
        axis.MinorTickSize = 0;
        axis.AxisTitleDistance = 12;
        axis.IsPanEnabled = axis.IsZoomEnabled = false;
        return axis;
    }

    /// <summary>A line across the plot that says what was promised, or what someone else reached.</summary>
    public static LineAnnotation Level(LineAnnotationType type, double at, string text, LineStyle style, OxyColor colour) => new()
    {
        Type = type,
        X = at,
        Y = at,
        Text = text,
        TextColor = colour,
        Color = colour,
        LineStyle = style,
        StrokeThickness = 1.2,
        FontSize = FontSize - 1,
        TextHorizontalAlignment = HorizontalAlignment.Right,
        TextLinePosition = 1,
    };

    /// <summary>The plot as SVG that stands in a page.</summary>
    public static string Svg(PlotModel model, double width, double height)
    {
        var svg = new SvgExporter { Width = width, Height = height, IsDocument = false, UseVerticalTextAlignmentWorkaround = true, TextMeasurer = new TextWidths() }.ExportToString(model);
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..]
            .Replace($"font-family=\"{Font}\"", $"font-family=\"{Fonts}\"", StringComparison.Ordinal)
            .Replace("<svg ", string.Create(CultureInfo.InvariantCulture, $"<svg role=\"img\" viewBox=\"0 0 {width} {height}\" "), StringComparison.Ordinal);
    }
}
