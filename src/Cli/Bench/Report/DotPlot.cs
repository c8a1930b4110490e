using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>
/// Rows, and along one axis a mark in each for everyone who was measured; ranges as lines through the marks, goals as strokes across the row.
/// Unlike bars, marks may stand on a logarithmic axis, and need no colours.
/// </summary>
/// <param name="title">Of the axis, with its unit.</param>
/// <param name="rows">Names, from top to bottom.</param>
public sealed class DotPlot(string title, IReadOnlyList<string> rows)
{
    private const double Width = 760, RowHeight = 26, Rest = 110;

    private readonly List<(string Name, Mark Mark, IReadOnlyList<DotValue?> Values)> _series = [];
    private readonly List<(string Name, LineStyle Style, IReadOnlyList<double?> Values)> _goals = [];

    /// <summary>Whether the axis is logarithmic; then what is not above 0 is left out.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Where the axis begins and ends; NaN: where the marks do.</summary>
    public (double From, double To) Limits { get; init; } = (double.NaN, double.NaN);

    /// <summary>A value that means "as good as", with words for it; null for none.</summary>
    public (double Value, string Text)? Reference { get; init; }

    /// <summary>Adds someone's figures, one for each row; null where there is none.</summary>
    public void Add(string name, Mark mark, IReadOnlyList<DotValue?> values)
    {
        if (values.Any(value => value is { } dot && CanShow(dot.Middle)))
            _series.Add((name, mark, values));
    }

    /// <summary>Adds goals, one for each row.</summary>
    public void AddGoal(string name, LineStyle style, IReadOnlyList<double?> values) => _goals.Add((name, style, values));

    /// <summary>Draws it.</summary>
    public string ToSvg()
    {
        var model = Drawing.Model();
        var names = Drawing.Styled(new CategoryAxis { Position = AxisPosition.Left, StartPosition = 1, EndPosition = 0, Minimum = -0.5, Maximum = rows.Count - 0.5 }, "");
        names.Labels.AddRange(rows);
        names.IsTickCentered = true;
        model.Axes.Add(names);
        Axis axis = IsLogarithmic ? new LogarithmicAxis { Base = 10 } : new LinearAxis();
        axis.Position = AxisPosition.Bottom;
        (axis.Minimum, axis.Maximum) = Limits;
        axis.StringFormat = "#,0.###";
        model.Axes.Add(Drawing.Styled(axis, title));
        if (Reference is { } reference)
        {
            var line = new LineSeries { Title = reference.Text, Color = Drawing.Ink, StrokeThickness = 1 };
            line.Points.AddRange([new DataPoint(reference.Value, -0.5), new DataPoint(reference.Value, rows.Count - 0.5)]);
            model.Series.Add(line);
        }
        foreach (var (name, style, values) in _goals)
            model.Series.Add(Goals(name, style, values));
        foreach (var (index, (name, mark, values)) in _series.Index())
        {
            // Side by side, so that equal ones don't hide each other.
            var shift = _series.Count == 1 ? 0 : 0.36 * index / (_series.Count - 1) - 0.18;
            model.Series.Add(Ranges(mark, values, shift));
            model.Series.Add(Marks(name, mark, values, shift));
        }
        return Drawing.Svg(model, Width, rows.Count * RowHeight + Rest);
    }

    private bool CanShow(double value) => !IsLogarithmic || value > 0;

    private LineSeries Goals(string name, LineStyle style, IReadOnlyList<double?> values)
    {
        var series = new LineSeries { Title = name, Color = Drawing.Goal, StrokeThickness = 2, LineStyle = style };
        foreach (var (row, value) in values.Index())
            if (value is { } goal)
                series.Points.AddRange([new DataPoint(goal, row - 0.4), new DataPoint(goal, row + 0.4), DataPoint.Undefined]);
        return series;
    }

    private LineSeries Ranges(Mark mark, IReadOnlyList<DotValue?> values, double shift)
    {
        var series = new LineSeries { Color = mark.Colour, StrokeThickness = 1.4 };
        foreach (var (row, value) in values.Index())
            if (value is { } dot && dot.High > dot.Low && CanShow(dot.Low))
                series.Points.AddRange([new DataPoint(dot.Low, row + shift), new DataPoint(dot.High, row + shift), DataPoint.Undefined]);
        return series;
    }

    private ScatterSeries Marks(string name, Mark mark, IReadOnlyList<DotValue?> values, double shift)
    {
        var series = new ScatterSeries
        {
            Title = name,
            MarkerType = mark.Shape,
            MarkerSize = 4.5,
            MarkerFill = mark.Filled ? mark.Colour : OxyColors.White,
            MarkerStroke = mark.Colour,
            MarkerStrokeThickness = 1.5,
        };
        foreach (var (row, value) in values.Index())
            if (value is { } dot && CanShow(dot.Middle))
                series.Points.Add(new ScatterPoint(dot.Middle, row + shift));
        return series;
    }
}
