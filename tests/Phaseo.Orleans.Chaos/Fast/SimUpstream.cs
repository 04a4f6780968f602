using System.Globalization;
using System.Text;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>
/// A provider that answers when the world says so, badly at times, and that sees calls which should not have been made.
/// </summary>
internal sealed class SimUpstream(SimWorld world, SimStored stored, int rows)
{
    private readonly Dictionary<string, int> _rows = Enumerable.Range(0, rows).ToDictionary(row => RowIds.Of(SimScenario.Batch, row));
    private readonly HashSet<(SimActivation, int Fences, int Row, int Attempt)> _made = [];

    // Some rows are never answered: only a cancel or the deadline ends them.
    private readonly HashSet<int> _silent = world.Random.Next(4) == 0 ? [.. Enumerable.Range(0, rows).Where(_ => world.Random.Next(3) == 0)] : [];

    /// <summary>One offer of model <c>m</c>.</summary>
    public static IRoutePlanner Planner { get; } = new OnePlan();

    /// <summary>What was seen that may not be (I3).</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>Whether a row may never be answered.</summary>
    public bool HasSilentRows => _silent.Count > 0;

    /// <summary>Calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>The way of one activation to it.</summary>
    public IUpstreams For(SimActivation caller, SimOrleans orleans) => new Way(this, caller, orleans);

    /// <summary>What a row's answer says of it.</summary>
    public static string BodyOf(int row) => string.Create(CultureInfo.InvariantCulture, $$"""{"row":{{row}}}""");

    private async Task<UpstreamAnswer> CallAsync(SimActivation caller, SimOrleans orleans, UpstreamCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var row = _rows[call.RowId];
        Calls++;
        Look(caller, orleans, row, call.Attempt);
        var answer = new TaskCompletionSource<UpstreamAnswer>();
        if (!_silent.Contains(row))
        {
            world.Later(caller.Silo, () => answer.TrySetResult(Choose(row)));
        }

        return await answer.Task.WaitAsync(cancellation);
    }

    private UpstreamAnswer Choose(int row) => world.IsFaulty && world.Random.Next(100) is var fate && fate < 12
        ? new UpstreamAnswer(429, null, "{}"u8.ToArray(), null, new(FailureKind.RateLimited, TimeSpan.FromSeconds(4 + fate)))
        : new UpstreamAnswer(200, null, Encoding.UTF8.GetBytes(BodyOf(row)), new Meters { InputTokens = row + 1, OutputTokens = 7 }, null);

    // Whoever is the newest has read all that is recorded: one of a lower epoch is a zombie, whose calls may be repeats.
    // And nobody uses a number twice between two fences.
    private void Look(SimActivation caller, SimOrleans orleans, int row, int attempt)
    {
        var (fences, recordedUnder) = Read(row);
        if (!_made.Add((caller, fences, row, attempt)))
        {
            Wrong.Add($"I3: Row {row} was called twice with attempt {attempt} by one run.");
        }

        if (orleans.IsKnown(caller) && recordedUnder <= EpochOf(caller))
        {
            Wrong.Add($"I3: Row {row} was called by the newest activation after it was recorded.");
        }
    }

    private static long EpochOf(SimActivation shard)
    {
        var key = shard.Id.Key.ToString()!;
        return long.Parse(key.AsSpan(key.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
    }

    /// <summary>All fences, and the highest epoch that fenced the journal in which the row is recorded; null: in none.</summary>
    private (int Fences, long? RecordedUnder) Read(int row)
    {
        var fences = 0;
        long? recordedUnder = null;
        foreach (var journal in stored.Journals.Values)
        {
            var (isRecorded, epoch) = (false, 0L);
            ReadOnlySpan<byte> rest = journal;
            while (JournalFrame.TryReadHeader(rest, out var header))
            {
                var reader = new JournalReader(rest[JournalFrame.HeaderSize..header.FrameLength]);
                while (reader.Read())
                {
                    if (reader.Kind == JournalRecordKind.Fence)
                    {
                        fences++;
                        epoch = Math.Max(epoch, header.Epoch);
                    }

                    isRecorded |= reader.Kind == JournalRecordKind.Result && reader.Result(out _).Row == row;
                }

                rest = rest[header.FrameLength..];
            }

            recordedUnder = isRecorded ? epoch : recordedUnder;
        }

        return (fences, recordedUnder);
    }

    /// <summary>Room for all.</summary>
    internal sealed class Limiter : IProviderLimiter
    {
        public ValueTask<LimitGrant> AcquireAsync(string provider, LimitClaim claim, CancellationToken cancellation) =>
            cancellation.IsCancellationRequested ? ValueTask.FromCanceled<LimitGrant>(cancellation) : new(LimitGrant.Place);

        public bool MaySend(string provider) => true;

        public void Release(string provider, CallOutcome outcome)
        {
        }
    }

    private sealed class Way(SimUpstream all, SimActivation caller, SimOrleans orleans) : IUpstreams, IUpstream
    {
        public IUpstream Find(Provider provider) => this;

        public Task<UpstreamAnswer> SendAsync(UpstreamCall request, CancellationToken cancellation) =>
            all.CallAsync(caller, orleans, request, cancellation);
    }

    private sealed class OnePlan : IRoutePlanner
    {
        private static readonly RoutePlan Plan = new(
            [new() { Provider = new() { Id = "a", Kind = ProviderKind.OpenAi }, Model = "m", UpstreamModel = "m", Endpoints = ["/v1/chat/completions"], Prices = PriceTable.Empty }],
            []);

        public ValueTask<RoutePlan> PlanAsync(string model, string endpoint, ProviderPolicy policy, CancellationToken cancellation) => new(Plan);

        public ModelName Resolve(string model) => new(model, [model]);
    }
}
