using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>What a step did on the fake handset: what the caller finds in x0 to x2, if it called, and what the core runs now.</summary>
internal readonly record struct Outcome(HvcStatus Status, ulong X1, ulong X2, (uint Vm, uint Index) Loaded);
