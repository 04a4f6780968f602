using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Running;

/// <summary>Whether a silo that stands still has been replaced, by the upstream's log: another calls a row that it had called.</summary>
internal sealed class ReplacedSilo
{
    private readonly CallLog _calls;
    private readonly string _caller;
    private readonly HashSet<string> _rows;
    private int _seen;

    /// <param name="caller">How its calls name it.</param>
    /// <param name="calls">The log.</param>
    public ReplacedSilo(string caller, CallLog calls)
    {
        var before = calls.Timed;
        (_calls, _caller, _seen) = (calls, caller, before.Count);
        _rows = [.. before.Where(call => call.Caller == caller).Select(call => call.Call.RowId)];
    }

    /// <summary>Whether it has, since the last asking.</summary>
    public bool IsSeen()
    {
        var calls = _calls.Timed;
        var isSeen = calls.Skip(_seen).Any(call => call.Caller != _caller && _rows.Contains(call.Call.RowId));
        _seen = calls.Count;
        return isSeen;
    }
}
