using OxyPlot;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>
/// How much room text takes. OxyPlot's own measure is in points of 1/72 inch, and its SVG has pixels of 1/96: without this, labels stick out.
/// </summary>
internal sealed class TextWidths() : PdfRenderContext(1, 1, OxyColors.White)
{
    private const double PixelsPerPoint = 96.0 / 72;

    // Where a reader has neither Arial nor its like, letters are wider.
    private const double Wider = 1.15;

    /// <inheritdoc/>
    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
    {
        var size = base.MeasureText(text, fontFamily, fontSize, fontWeight);
        return new OxySize(size.Width * PixelsPerPoint * Wider, size.Height * PixelsPerPoint);
    }
}
