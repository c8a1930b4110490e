using System;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>EL2 gave up: on the real machine the handset is off now, with this on its console.</summary>
internal sealed class HandsetOffException(string console) : Exception(console);
