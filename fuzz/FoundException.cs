using System;

namespace Pocketvisor.Fuzz;

/// <summary>Something does not hold that always must.</summary>
public sealed class FoundException(string message) : Exception(message)
{
    public static void Demand(bool holds, string what)
    {
        if (!holds) throw new FoundException(what);
    }
}
