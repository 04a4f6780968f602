namespace Phaseo.Orleans.Routing;

/// <summary>Divides a whole number among those who want parts of it.</summary>
internal static class FairShares
{
    /// <summary>
    /// Gives nobody more than it wants, and nobody less than another because that one wants more (max-min fairness).
    /// The sum is the smaller of <paramref name="total"/> and all wants together.
    /// </summary>
    public static int[] Split(int total, ReadOnlySpan<int> wants)
    {
        var shares = new int[wants.Length];
        var order = new int[wants.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(wants.ToArray(), order);
        for (var i = 0; i < order.Length; i++)
        {
            // The modest first: what they leave is there for the others.
            var share = Math.Min(wants[order[i]], total / (order.Length - i));
            shares[order[i]] = share;
            total -= share;
        }

        return shares;
    }
}
