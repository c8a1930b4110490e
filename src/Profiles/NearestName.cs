namespace Pocketvisor.Profiles;

/// <summary>Finds what someone meant who mistyped a name.</summary>
public static class NearestName
{
    /// <summary>The candidate that differs least from <paramref name="name"/>, upper and lower case alike; null if none is near.</summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var (nearest, distance) = candidates.Select(candidate => (candidate, Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .DefaultIfEmpty(("", int.MaxValue)).MinBy(pair => pair.Item2);
        return distance <= Math.Max(2, nearest.Length / 3) ? nearest : null;
    }

    // Levenshtein's distance, row by row.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
