namespace Pocketvisor.Handsets;

/// <summary>How far a transfer has come.</summary>
/// <param name="File">The file that is under way.</param>
/// <param name="DoneBytes">Of all files, those that were there from an earlier attempt included.</param>
/// <param name="TotalBytes">Of all files.</param>
public readonly record struct TransferProgress(string File, long DoneBytes, long TotalBytes);
