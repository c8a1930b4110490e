namespace Pocketvisor.Cli.Storage;

/// <summary>A handset as <c>pocket handset list --json</c> shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">up or off.</param>
/// <param name="Cores">Its cores.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Gic">Version of its interrupt controller.</param>
/// <param name="Flash">Path of its flash.</param>
/// <param name="FlashBytes">Size of its flash.</param>
public sealed record StoredHandsetView(string Name, string State, int Cores, ulong MemoryBytes, int Gic, string Flash, long FlashBytes);
