namespace Pocketvisor.Cli.Soak;

/// <summary>Something that must not happen in a soak; the message says what.</summary>
public sealed class SoakException(string message) : Exception(message);
