using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>How something grows with something else: lines with marks, from 0 up on both axes, and levels across.</summary>
/// <param name="across">Title of the axis across, with its unit.</param>
/// <param name="up">Title of the axis upwards.</param>
public sealed class LinePlot(string across, string up)
{
    private const double Width = 390, Height = 330, Margin = 0.05;

    private readonly List<LineSeries> _series = [];
    private readonly List<(double At, string Text, LineStyle Style, OxyColor Colour)> _levels = [];

    /// <summary>Where the axis across has its ticks; 0: anywhere.</summary>
    public double Step { get; init; }

    /// <summary>Where the axis upwards ends; NaN: where the lines do.</summary>
    public double Top { get; init; } = double.NaN;

    /// <summary>Adds a line.</summary>
    public void Add(string name, Mark mark, IEnumerable<(double X, double Y)> points)
    {
        var series = new LineSeries
        {
            Title = name,
            Color = mark.Colour,
            LineStyle = mark.Line,
            StrokeThickness = 1.5,
            MarkerType = mark.Shape,
            MarkerSize = 4,
            MarkerFill = mark.Filled ? mark.Colour : OxyColors.White,
            MarkerStroke = mark.Colour,
            MarkerStrokeThickness = 1.5,
        };
        series.Points.AddRange(points.Select(point => new DataPoint(point.X, point.Y)));
        _series.Add(series);
    }

    /// <summary>Adds a goal across.</summary>
    public void AddGoal(double at, string text, LineStyle style) => _levels.Add((at, text, style, Drawing.Goal));

    /// <summary>Adds a peer's figure.</summary>
    public void AddPeer(double at, string text, Mark mark) => _levels.Add((at, text, mark.Line, mark.Colour));

    /// <summary>Draws it.</summary>
    public string ToSvg()
    {
        var model = Drawing.Model();
        // A little below 0, so that marks there are whole.
        var points = _series.SelectMany(series => series.Points).ToList();
        var (right, top) = (points.Select(point => point.X).DefaultIfEmpty(1).Max(), double.IsNaN(Top) ? points.Select(point => point.Y).Concat(_levels.Select(level => level.At)).DefaultIfEmpty(1).Max() * 1.1 : Top);
        var x = Drawing.Styled(new LinearAxis { Position = AxisPosition.Bottom, Minimum = -Margin * right, Maximum = (1 + Margin) * right, StringFormat = "#,0.##;;0" }, across);
        if (Step > 0)
            x.MajorStep = Step;
        model.Axes.Add(x);
        model.Axes.Add(Drawing.Styled(new LinearAxis { Position = AxisPosition.Left, Minimum = -Margin / 2 * top, Maximum = top, StringFormat = "#,0.###;;0" }, up));
        foreach (var (at, text, style, colour) in _levels)
            model.Annotations.Add(Drawing.Level(LineAnnotationType.Horizontal, at, text, style, colour));
        foreach (var series in _series)
            model.Series.Add(series);
        return Drawing.Svg(model, Width, Height);
    }
}
