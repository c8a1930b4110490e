namespace Pocketvisor.Handsets;

/// <summary>The keeper has not answered in time.</summary>
public sealed class NoAnswerException(string message) : HandsetException(message);
