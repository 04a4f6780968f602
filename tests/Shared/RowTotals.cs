using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Testing;

/// <summary>What the result lines of one batch add up to.</summary>
internal sealed class RowTotals(int rows)
{
    private readonly bool[] _taken = new bool[rows];

    public int Rows => _taken.Length;

    public int Taken { get; private set; }

    public int Output { get; private set; }

    public int Errors { get; private set; }

    public long InputTokens { get; private set; }

    public long OutputTokens { get; private set; }

    public long CostNanos { get; private set; }

    /// <summary>Marks a row as seen. False: it was seen before.</summary>
    public bool Take(int row)
    {
        if (_taken[row])
        {
            return false;
        }

        _taken[row] = true;
        Taken++;
        return true;
    }

    /// <summary>Counts a line; only rows answered 2xx are billed.</summary>
    public void Add(ResultLine line, bool isOutput, PriceTable? prices)
    {
        if (!isOutput)
        {
            Errors++;
            return;
        }

        Output++;
        InputTokens += line.InputTokens;
        OutputTokens += line.OutputTokens;
        foreach (var rule in prices?.Rules ?? [])
        {
            var quantity = rule.Meter switch
            {
                Meter.InputTokens => line.InputTokens,
                Meter.OutputTokens => line.OutputTokens,
                Meter.Requests => 1,
                Meter.CachedInputTokens or Meter.CacheWriteInputTokens or Meter.ReasoningTokens => 0,
                Meter.Images or Meter.AudioMinutes => 0,
            };
            if (rule.Plan == PricePlan.Standard)
            {
                CostNanos += (long)Math.Round(quantity * rule.PriceUsd * 1_000_000_000m / rule.UnitSize, MidpointRounding.AwayFromZero);
            }
        }
    }
}
