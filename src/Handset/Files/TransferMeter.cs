namespace Pocketvisor.Handsets;

/// <summary>Counts a transfer's bytes for whoever watches.</summary>
internal sealed class TransferMeter(IProgress<TransferProgress>? progress)
{
    private const long Step = 1 << 20;

    private long _done, _reported = -Step;

    public long TotalBytes { get; set; }

    public string File { get; set; } = "";

    public void Add(long bytes)
    {
        _done += bytes;
        if (_done - _reported >= Step || _done >= TotalBytes)
            Report();
    }

    public void Report()
    {
        _reported = _done;
        progress?.Report(new TransferProgress(File, _done, TotalBytes));
    }
}
