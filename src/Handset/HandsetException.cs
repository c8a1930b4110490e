namespace Pocketvisor.Handsets;

/// <summary>The handset did not do what was asked of it. The message is one sentence for the user, which says what to do next where there is something.</summary>
public class HandsetException(string message) : Exception(message);
