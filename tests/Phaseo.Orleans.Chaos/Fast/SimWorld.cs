using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>
/// One thread, one clock, one seed: everything that can happen next waits here, and the seed chooses what does. Storage
/// and messages may be lost, late or repeated while <see cref="IsFaulty"/>.
/// </summary>
internal sealed class SimWorld(int seed)
{
    private readonly List<SimScheduler> _schedulers = [];
    private readonly List<Pending> _pending = [];

    // A timer that nobody holds goes with the garbage.
    private readonly List<ITimer> _timers = [];

    /// <summary>All choices come from here.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>The only clock.</summary>
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Whether storage and messages go wrong.</summary>
    public bool IsFaulty { get; set; } = true;

    /// <summary>What nobody should have thrown.</summary>
    public List<string> Bugs { get; } = [];

    /// <summary>The silos that live.</summary>
    public List<SimSilo> Silos { get; } = [];

    /// <summary>The time.</summary>
    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>A place where things of a silo run.</summary>
    public SimScheduler NewScheduler(SimSilo silo)
    {
        var scheduler = new SimScheduler(this, silo);
        _schedulers.Add(scheduler);
        return scheduler;
    }

    /// <summary>Something that can happen from now on, at any time.</summary>
    public void Later(SimSilo? owner, Action act) => _pending.Add(new(owner, act));

    /// <summary>Something that happens after a while, whatever becomes of the silos.</summary>
    public void After(TimeSpan time, Action act) =>
        _timers.Add(Clock.CreateTimer(_ => act(), null, time, Timeout.InfiniteTimeSpan));

    /// <summary>Takes the next step; false: nothing can happen before the clock moves.</summary>
    public bool Step()
    {
        var ready = _schedulers.Count(scheduler => scheduler.IsReady);
        var pending = _pending.Count(one => one.IsPossible);
        if (ready + pending == 0)
        {
            return false;
        }

        if (Random.Next(ready + pending) is var choice && choice < ready)
        {
            _schedulers.Where(scheduler => scheduler.IsReady).ElementAt(choice).RunOne();
        }
        else
        {
            var next = _pending.Where(one => one.IsPossible).ElementAt(choice - ready);
            _pending.Remove(next);
            next.Act();
        }

        return true;
    }

    /// <summary>Crashes a silo: what it had sent may still arrive.</summary>
    public void Crash(SimSilo silo)
    {
        silo.IsDead = true;
        Silos.Remove(silo);
        _schedulers.RemoveAll(scheduler => scheduler.Silo.IsDead);
        foreach (var lost in _pending.Where(one => one.Owner == silo && Random.Next(2) == 0).ToList())
        {
            _pending.Remove(lost);
        }
    }

    /// <summary>
    /// An act on storage. While faulty it may be carried out or not, now or later, and its answer may be lost.
    /// </summary>
    public Task<T> StoreAsync<T>(SimSilo owner, Func<T> act)
    {
        var answer = new TaskCompletionSource<T>();
        Later(owner, () =>
        {
            var fate = IsFaulty ? Random.Next(100) : 0;
            switch (fate)
            {
                case < 86:
                    Answer(answer, act);
                    break;
                case < 91:
                    Try(act);
                    answer.SetException(NoAnswer());
                    break;
                case < 96:
                    answer.SetException(NoAnswer());
                    break;
                default:
                    Later(null, () => Try(act));
                    answer.SetException(NoAnswer());
                    break;
            }
        });
        return answer.Task;
    }

    /// <summary>A storage's answer that never came.</summary>
    public static StorageUnavailableException NoAnswer() => new("No answer.");

    private static void Answer<T>(TaskCompletionSource<T> answer, Func<T> act)
    {
        try
        {
            answer.SetResult(act());
        }
        catch (Exception e)
        {
            answer.SetException(e);
        }
    }

    private static void Try<T>(Func<T> act)
    {
        try
        {
            act();
        }
        catch (OrleansException)
        {
            // Refused, and nobody waits for it.
        }
    }

    private sealed record Pending(SimSilo? Owner, Action Act)
    {
        // What is under way arrives even if who sent it has died; a frozen one sends nothing.
        public bool IsPossible => Owner is not { IsFrozen: true };
    }
}
