using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class StrandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Callbacks_of_many_threads_run_one_at_a_time_and_none_is_lost()
    {
        const int Threads = 8;
        const int Each = 20_000;
        var strand = new Strand(TaskScheduler.Default);
        var (count, inside, overlaps) = (0, 0, 0);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        void Enter()
        {
            overlaps += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
            count++;
            Interlocked.Decrement(ref inside);
            if (count == Threads * Each)
            {
                all.SetResult();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                strand.Post(Enter);
            }
        })));
        await all.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(0, overlaps);
    }

    [Fact]
    public async Task Code_comes_back_to_the_strand_after_an_await()
    {
        var strand = new Strand(TaskScheduler.Default);
        var answer = new TaskCompletionSource();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var run = strand.RunAsync(async () =>
        {
            began.SetResult();
            await answer.Task;
            return SynchronizationContext.Current;
        });
        await began.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        answer.SetResult();

        Assert.Same(strand, await run.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Answer_is_handled_on_the_pool_thread_that_brings_it()
    {
        var strand = new Strand(TaskScheduler.Default);

        var (brought, handled) = await Task.Run(() =>
        {
            var handledOn = 0;
            strand.Post(() => handledOn = Environment.CurrentManagedThreadId);
            return (Environment.CurrentManagedThreadId, handledOn);
        });

        Assert.Equal(brought, handled);
    }

    [Fact]
    public void Nothing_runs_in_the_turn_of_somebody_elses_scheduler()
    {
        using var turns = new Turns();
        using var ran = new ManualResetEventSlim();
        var strand = new Strand(TaskScheduler.Default);
        TaskScheduler? seen = null;

        turns.Run(() =>
        {
            strand.Post(() =>
            {
                seen = TaskScheduler.Current;
                ran.Set();
            });
            return Task.CompletedTask;
        });

        Assert.True(ran.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.Same(TaskScheduler.Default, seen);
    }

    [Fact]
    public void Thread_outside_the_pool_hands_its_callback_over()
    {
        using var ran = new ManualResetEventSlim();
        var strand = new Strand(TaskScheduler.Default);
        var (own, seen) = (0, 0);
        var thread = new Thread(() =>
        {
            own = Environment.CurrentManagedThreadId;
            strand.Post(() =>
            {
                seen = Environment.CurrentManagedThreadId;
                ran.Set();
            });
        });

        thread.Start();
        thread.Join();

        Assert.True(ran.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.NotEqual(own, seen);
    }

    [Fact]
    public async Task Failure_reaches_whoever_waits_and_the_strand_goes_on()
    {
        var strand = new Strand(TaskScheduler.Default);

        await Assert.ThrowsAsync<InvalidDataException>(() => strand.RunAsync<int>(() => throw new InvalidDataException()));

        Assert.Equal(7, await strand.RunAsync(() => Task.FromResult(7)).WaitAsync(Patience, TestContext.Current.CancellationToken));
    }
}
