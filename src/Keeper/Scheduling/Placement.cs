using System;

namespace Pocketvisor.Keeper.Scheduling;

/// <summary>Which core a vCPU goes to, for as long as its profile runs.</summary>
public static class Placement
{
    /// <summary>
    /// The core with the least weight on it; but another vCPU of the same profile weighs more than anything else. Among
    /// equals the last one, because core 0 also serves the link.
    /// </summary>
    /// <param name="loads">Sum of the weights on each core.</param>
    /// <param name="used">One bit for each core that the profile has a vCPU on; none if it has on all.</param>
    public static int Choose(ReadOnlySpan<int> loads, uint used)
    {
        if (used == (1u << loads.Length) - 1) used = 0;
        int best = -1;
        for (int i = loads.Length - 1; i >= 0; i--)
        {
            if ((used >> i & 1) != 0) continue;
            if (best < 0 || loads[i] < loads[best]) best = i;
        }
        return best;
    }
}
