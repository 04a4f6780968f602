using Orleans.Runtime.Placement;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;

namespace Phaseo.Orleans.Batches.Acting;

/// <summary>
/// Tells shards to start, to go on and to stop, all at once, and knows which of them answer.
/// </summary>
/// <remarks>
/// One that does not answer may be slow, stand still, or be on a silo that does. If that silo is dead, membership says
/// so after a while and the next question reaches a new activation, which does not run. If it lives, whatever is sent
/// to the same activation waits behind what holds it up. So a shard that was silent for <see cref="SilenceLimit"/> gets
/// a new epoch, and since each epoch is a grain of its own, that is another activation on a silo chosen anew. Should
/// the old one wake up, or run on without answering, its next append is refused: nobody has to reach it.
/// <para>
/// Silence is counted in looks for an answer, not read from the clock: after a pause of this silo the clock says that
/// nobody has answered for long, while the answers are there already and only want to be looked at.
/// </para>
/// </remarks>
internal sealed class ShardTelling(ActContext batch, ShardOrders orders)
{
    /// <summary>
    /// How long an answer is waited for: an activation gives it from memory, without waiting for anything, and a cancel
    /// may not be held up for longer.
    /// </summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a shard that does not answer keeps its place. A silo that only paused is back by then and wastes no
    /// call; and since running shards are asked every 15 seconds, one that is gone has been replaced within 30.
    /// </summary>
    public static readonly TimeSpan SilenceLimit = LooksUntilLost * AnswerLimit;

    private const int LooksUntilLost = 4;

    // A silo that stops is not known to all others at once; the next one is chosen at random.
    private static readonly TimeSpan ElsewherePause = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<int, long> _told = [];
    private readonly Dictionary<int, Question> _open = [];
    private readonly Dictionary<int, int> _silent = [];
    private readonly HashSet<int> _beingAsked = [];
    private readonly HashSet<int> _stopped = [];
    private readonly ShardSpread _spread = new(Random.Shared);

    // The epoch under which a shard was started on a silo that runs none.
    private readonly Dictionary<int, long> _elsewhere = [];
    private int _calls;

    /// <summary>Whether a running shard has not answered.</summary>
    public bool IsAnySilent => batch.State.Running.Any(running => _silent.ContainsKey(running.Shard));

    /// <summary>
    /// How soon to ask again, because a running shard has not answered or was placed where it cannot run; null: there is
    /// no hurry. Without a worker nothing can run before membership changes, and then the driver comes.
    /// </summary>
    public TimeSpan? AskAgainIn =>
        batch.State.Running.Any(IsElsewhere) && batch.Services.Roles.Workers > 0 ? ElsewherePause
        : IsAnySilent ? AnswerLimit
        : null;

    /// <summary>Starts shards under the epochs that are saved.</summary>
    public async Task StartAsync(IEnumerable<int> shards, CancellationToken cancellation)
    {
        await orders.PlanAsync(cancellation);
        await Task.WhenAll(shards.Select(StartAsync));
    }

    /// <summary>
    /// Of each shard that this activation has not told, or that has not answered: does it run? If not, or if it has been
    /// silent for too long, a new epoch first.
    /// </summary>
    public Task TellAsync(CancellationToken cancellation)
    {
        if (orders.Calls != _calls)
        {
            _calls = orders.Calls;
            _told.Clear();
        }

        // Nobody is asked about an epoch that is not saved: whoever raises it starts the shard next.
        return TellAsync(
            [.. batch.Saver.Saved.Running.Where(running => _told.GetValueOrDefault(running.Shard) != running.Epoch && !_beingAsked.Contains(running.Shard))],
            cancellation);
    }

    /// <summary>The same of every running shard.</summary>
    public Task TellAllAsync(CancellationToken cancellation)
    {
        Doubt();
        return TellAsync(cancellation);
    }

    /// <summary>Whatever was answered so far may be true no more, for instance because a silo has died: all are asked next time.</summary>
    public void Doubt()
    {
        _told.Clear();
        _stopped.Clear();
    }

    /// <summary>A report came: whatever answer is missing, the shard is not silent.</summary>
    public void Heard(int shard) => _silent.Remove(shard);

    /// <summary>A shard has given its place back: when it runs again it is told again.</summary>
    public void Forget(int shard)
    {
        _spread.Forget(shard);
        _told.Remove(shard);
        _silent.Remove(shard);
        _elsewhere.Remove(shard);
    }

    /// <summary>Starts a shard on another silo: the one that had it stops, and has left nothing undone.</summary>
    public async Task MoveAsync(ShardReport report, CancellationToken cancellation)
    {
        Forget(report.Shard);
        await batch.RecordAsync([
            new BatchEvent.ShardReported(report.Shard, report.Epoch, report.Sequence, report.Tally),
            new BatchEvent.EpochRaised(report.Shard),
        ]);
        await StartAsync([report.Shard], cancellation);
    }

    /// <summary>Tells a shard to stop. False: it does not run, and has to be closed.</summary>
    public async Task<bool> StopAsync(RunningShard running, ShardOutcome outcome, TimeSpan grace)
    {
        if (_stopped.Contains(running.Shard))
        {
            return true;
        }

        var answer = await AnswerAsync(batch.Shard(running.Shard, running.Epoch).StopAsync(running.Epoch, outcome, grace));
        if (answer == ShardAnswer.Running)
        {
            _stopped.Add(running.Shard);
        }

        // One that does not answer is closed without it when its calls' time is over.
        return answer != ShardAnswer.NotRunning;
    }

    private async Task TellAsync(List<RunningShard> asked, CancellationToken cancellation)
    {
        // Where a shard is not, it is not asked again: Orleans keeps to the silo that it was found on, and only another
        // grain, which a new epoch is, is placed anew. Without a worker that would be for nothing.
        var misplaced = asked.Where(IsElsewhere).ToList();
        asked = [.. asked.Except(misplaced)];
        var answers = await Task.WhenAll(asked.Select(
            running => AskAsync(running.Shard, running.Epoch, shard => shard.EnsureRunningAsync(running.Epoch, _calls))));
        var silent = asked.Where((running, index) => answers[index] == ShardAnswer.NotRunning || IsLost(running.Shard));
        var lost = (batch.Services.Roles.Workers > 0 ? silent.Concat(misplaced) : silent)
            .Where(running => batch.State.Running.Any(now => now.Shard == running.Shard && now.Epoch == running.Epoch))
            .Select(running => running.Shard)
            .ToList();
        if (lost.Count > 0)
        {
            lost.ForEach(Forget);
            await batch.RecordAsync([.. lost.Select(shard => new BatchEvent.EpochRaised(shard))]);
            await StartAsync(lost, cancellation);
        }
    }

    private async Task StartAsync(int shard)
    {
        // Nobody is told of an epoch that is not saved: another act may just be raising it.
        if (batch.Saver.Saved.Running.FirstOrDefault(running => running.Shard == shard) is { } chosen
            && batch.State.Status == BatchStatus.InProgress)
        {
            await AskAsync(shard, chosen.Epoch, grain => SendAsync(grain, shard, chosen.Epoch));
        }
    }

    // The hint is heeded by the placement of an activation that is not there yet, and travels with the call.
    private Task<ShardAnswer> SendAsync(IShardGrain grain, int shard, long epoch)
    {
        var running = batch.State.Running.Select(other => other.Shard);
        if (_spread.Send(shard, running, batch.Services.Roles.LivingWorkers) is { } silo)
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        }

        try
        {
            return grain.StartAsync(orders.Of(shard, epoch));
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    private async Task<ShardAnswer?> AskAsync(int shard, long epoch, Func<IShardGrain, Task<ShardAnswer>> ask)
    {
        if (!_open.TryGetValue(shard, out var question) || question.Epoch != epoch)
        {
            question = new(epoch, ask(batch.Shard(shard, epoch)));
            _open[shard] = question;
        }

        _beingAsked.Add(shard);
        try
        {
            var answer = await AnswerAsync(question.Answer);
            TakeAnswer(shard, epoch, answer);
            return answer;
        }
        finally
        {
            _beingAsked.Remove(shard);
            if (question.Answer.IsCompleted && _open.GetValueOrDefault(shard) == question)
            {
                _open.Remove(shard);
            }
        }
    }

    private void TakeAnswer(int shard, long epoch, ShardAnswer? answer)
    {
        _elsewhere.Remove(shard);
        if (answer is null)
        {
            _silent[shard] = _silent.GetValueOrDefault(shard) + 1;
            return;
        }

        _silent.Remove(shard);
        if (answer == ShardAnswer.Running)
        {
            _told[shard] = epoch;
        }
        else if (answer == ShardAnswer.Elsewhere)
        {
            _elsewhere[shard] = epoch;
        }
    }

    private async Task<ShardAnswer?> AnswerAsync(Task<ShardAnswer> answer)
    {
        try
        {
            return await answer.WaitAsync(AnswerLimit, batch.Services.Time);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return null;
        }
    }

    private bool IsLost(int shard) => _silent.GetValueOrDefault(shard) >= LooksUntilLost;

    private bool IsElsewhere(RunningShard running) => _elsewhere.GetValueOrDefault(running.Shard) == running.Epoch;

    // One that was asked and has not answered is not asked again, but looked at again: a second question would wait
    // behind the first, or overtake the start that it asks about.
    private sealed record Question(long Epoch, Task<ShardAnswer> Answer);
}
