using System;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>A step after which something does not hold.</summary>
internal sealed class StepException(string message, Exception inner) : Exception(message, inner);
