namespace Pocketvisor.Handsets;

/// <summary>Takes the pieces of a file that is pulled, and believes nothing.</summary>
internal abstract class BlockSink
{
    /// <exception cref="HandsetException">This is not what comes next.</exception>
    public abstract void Data(long offset, ReadOnlySpan<byte> block);

    /// <inheritdoc cref="Data"/>
    public abstract void Zeros(long offset, long count);
}
