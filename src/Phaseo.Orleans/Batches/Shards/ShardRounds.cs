using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Leads a shard's rows through rounds over their offers: from an answer to a result, the next offer, or a wait until
/// the next round. On the run's strand.
/// </summary>
internal sealed class ShardRounds(
    ShardOrder order, ShardServices services, ShardInput input, ShardJournal journal, ShardRecorder recorder, ShardRoutes routes, RunStatus status)
{
    private const int KillsPerRow = 3;
    private readonly RowLines _lines = new(order.Batch);
    private readonly PriorityQueue<RowWork, DateTimeOffset> _waiting = new();

    /// <summary>Where rows that may start go.</summary>
    public required ShardLanes Lanes { get; init; }

    /// <summary>When the first waiting row's next round may start; null when none waits.</summary>
    public DateTimeOffset? NextAt => _waiting.TryPeek(out _, out var first) ? first : null;

    /// <summary>Starts with every row that the journal has no result of.</summary>
    public async Task PrepareAsync()
    {
        var now = services.Time.GetUtcNow();
        foreach (var row in input.Rows)
        {
            var entry = journal.Ledger[row.Row];
            var isRecorded = entry.IsRecorded;
            Mutant.Change("redispatch", ref isRecorded, false);
            if (isRecorded)
            {
                continue;
            }

            var work = new RowWork(row, input.PartsOf(row)) { Attempts = entry.Attempts, Rounds = entry.Rounds };
            status.Open++;
            if (entry.Killed >= KillsPerRow)
            {
                await EndAsync(_lines.Fault(row, work.Parts.CustomId, entry.Attempts, RowFault.Unavailable));
            }
            else if (entry.NextAt > now)
            {
                _waiting.Enqueue(work, entry.NextAt);
            }
            else
            {
                await BeginAsync(work);
            }
        }
    }

    /// <summary>Begins the rounds whose time has come.</summary>
    public async Task BeginDueAsync()
    {
        var now = services.Time.GetUtcNow();
        while (_waiting.TryPeek(out var work, out var at) && at <= now)
        {
            _waiting.Dequeue();
            await BeginAsync(work);
        }
    }

    /// <summary>Takes the answer of a row's call in.</summary>
    public ValueTask TakeAsync(RowWork work, Offer offer, UpstreamAnswer answer)
    {
        if (answer.Failure is not { } failure)
        {
            return EndAsync(_lines.Answer(work, offer, answer));
        }

        work.TimedOut = failure.Kind == FailureKind.TimedOut;
        if (failure.Kind is FailureKind.RateLimited or FailureKind.Overloaded && answer.StatusCode != 0)
        {
            var (result, line) = _lines.Answer(work, offer, answer);
            work.LastAnswer = (result, line.ToArray());
        }

        work.NoteAsked(failure.RetryAfter);
        switch (AttemptRules.After(failure, work.RetriedTruncated, work.HasNextOffer, work.Rounds, services.Options.MaxRounds))
        {
            case RowStep.KeepAnswer:
                return EndAsync(_lines.Answer(work, offer, answer));
            case RowStep.EndInvalid:
                return EndAsync(_lines.Fault(work.Row, work.Parts.CustomId, work.Attempts, RowFault.Invalid));
            case RowStep.SameOffer:
                work.RetriedTruncated = true;
                Lanes.Enqueue(work);
                return default;
            case RowStep.NextOffer:
                work.OfferIndex++;
                Lanes.Pump(Lanes.Enqueue(work));
                return default;
            case RowStep.NextRound:
                return new(EndRoundAsync(work));
            default:
                return new(GiveUpAsync(work));
        }
    }

    /// <summary>
    /// The provider is known to refuse until then, so no call: the next offer, or a wait until the first of them is back.
    /// </summary>
    public void PassOver(RowWork work, DateTimeOffset until)
    {
        if (until < work.BlockedUntil)
        {
            work.BlockedUntil = until;
        }

        if (work.HasNextOffer)
        {
            work.OfferIndex++;
            Lanes.Enqueue(work);
        }
        else if (work.Attempts == work.AttemptsBefore)
        {
            _waiting.Enqueue(work, work.BlockedUntil);
        }
        else
        {
            work.NoteAsked(work.BlockedUntil - services.Time.GetUtcNow());
            status.Own(EndRoundAsync(work));
        }
    }

    /// <summary>
    /// Records the calls of rounds that have not ended: an interruption costs no round, but no number is used twice.
    /// </summary>
    public async Task KeepAttemptsAsync()
    {
        var now = services.Time.GetUtcNow();
        foreach (var work in Lanes.Ready.ToList())
        {
            if (work.Attempts > journal.Ledger[work.Row.Row].Attempts)
            {
                await recorder.AttemptAsync(AttemptOf(work, now), work.LastAnswer?.Line ?? []);
            }
        }
    }

    private static RowAttempt AttemptOf(RowWork work, DateTimeOffset nextAt) =>
        new(work.Row.Row, work.Attempts, work.Rounds, nextAt, work.LastAnswer?.Result ?? RowResult.None);

    private async ValueTask BeginAsync(RowWork work)
    {
        var plan = await routes.PlanAsync(work.Row.Bytes.Span, work.Parts, CancellationToken.None);
        if (plan.Ranked.IsEmpty)
        {
            await EndAsync(_lines.Fault(work.Row, work.Parts.CustomId, work.Attempts, RowFault.NoProvider));
            return;
        }

        work.Begin(plan);
        Lanes.Enqueue(work);
    }

    private async Task EndRoundAsync(RowWork work)
    {
        work.Rounds++;
        if (work.Rounds >= services.Options.MaxRounds)
        {
            await GiveUpAsync(work);
            return;
        }

        var wait = AttemptRules.Delay(services.Options, work.Rounds, work.Asked, Random.Shared.NextDouble());
        var nextAt = services.Time.GetUtcNow() + wait;
        await recorder.AttemptAsync(AttemptOf(work, nextAt), work.LastAnswer?.Line ?? []);
        _waiting.Enqueue(work, nextAt);
        status.Wakeup.Set();
    }

    private async Task GiveUpAsync(RowWork work)
    {
        if ((work.LastAnswer ?? await EarlierAnswerAsync(work)) is { } last)
        {
            await EndAsync((last.Result with { Row = work.Row.Row, Attempts = work.Attempts }, last.Line));
            return;
        }

        var fault = work.TimedOut ? RowFault.TimedOut : RowFault.Unavailable;
        await EndAsync(_lines.Fault(work.Row, work.Parts.CustomId, work.Attempts, fault));
    }

    // An answer of an earlier round is in the journal, not in memory: a shard may wait for hours.
    private async Task<(RowResult Result, byte[] Line)?> EarlierAnswerAsync(RowWork work)
    {
        var entry = journal.Ledger[work.Row.Row];
        if (entry.Line.Length == 0)
        {
            return null;
        }

        var lines = new JournalLines(services.Journals, services.Blobs, order.Journal);
        var line = await StorageRetry.UntilAnsweredAsync(
            services.Time, token => lines.ReadAsync(entry.Line, token), CancellationToken.None);
        return (entry.Result, line);
    }

    private async ValueTask EndAsync((RowResult Result, ReadOnlyMemory<byte> Line) row)
    {
        await recorder.ResultAsync(row.Result, row.Line);
        services.Metrics.RowEnded(row.Result.File == ResultFile.Output ? "ok" : row.Result.ErrorCode is "" ? "refused" : row.Result.ErrorCode);
        if (--status.Open == 0)
        {
            status.Wakeup.Set();
        }
    }
}
