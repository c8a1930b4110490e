using System.Runtime.InteropServices;
using System.Threading.Channels;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Hub;

/// <summary>Tells a profile how large this terminal is: at once, and whenever it changes (SIGWINCH).</summary>
public sealed class SizeReport : IDisposable
{
    // Room for one: what changes while the last report is under way needs one more, however often it was.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration _signal;

    /// <summary>Begins to tell.</summary>
    public SizeReport(RunState state, string profile)
    {
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _changes.Writer.TryWrite(true));
        _changes.Writer.TryWrite(true);
        _ = ReportAsync(state, profile);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signal.Dispose();
        _changes.Writer.TryComplete();
    }

    private async Task ReportAsync(RunState state, string profile)
    {
        await foreach (var _ in _changes.Reader.ReadAllAsync())
        {
            if (RawTerminal.Size is not var (columns, rows))
                continue;
            try
            {
                await ControlClient.AskAsync(state, new ControlRequest(ControlVerb.Resize, profile, Columns: columns, Rows: rows), CancellationToken.None);
            }
            catch (Exception e) when (e is UserException or IOException)
            {
                // The handset has gone, which the console tells.
            }
        }
    }
}
