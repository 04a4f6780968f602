using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Driving;

/// <summary>
/// Keeps batches going that nobody asks for, in every silo, each in its range: at the start and whenever silos came or
/// went it wakes all open ones, and at intervals those that are not heard of; and it removes what was left over. It runs
/// from the moment the silo can call grains until the silo begins to stop. The start waits for no pass; the stop lets the
/// calls that are out come back.
/// </summary>
internal sealed partial class BatchDriver(
    OpenBatchPass batches,
    HashRange range,
    IClusterMembershipService membership,
    ReferencePass references,
    IndexPass index,
    IClaimRows claims,
    TimeProvider time,
    IOptions<DriverOptions> options,
    PhaseoMetrics metrics,
    ILogger<BatchDriver> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly DriverOptions _options = options.Value;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(BatchDriver), ServiceLifecycleStage.Active, Start, StopAsync);

    public void Dispose() => _stopping.Dispose();

    private Task Start(CancellationToken cancellation)
    {
        metrics.Begin();

        // Off the caller's path: a start with many open batches must not hold the silo up.
        _running = Task.Run(() => Task.WhenAll(DriveAsync(), FollowMembersAsync(), CleanUpAsync()), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DriveAsync()
    {
        await TryAsync("drive_all", cancellation => batches.AllAsync("start", cancellation));
        await EveryAsync(_options.Interval, "drive_stale", batches.StaleAsync);
    }

    // A silo that is gone leaves batches to others, one that came makes places for more calls.
    private async Task FollowMembersAsync()
    {
        var known = range.Members;
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(_stopping.Token))
            {
                // Updates that came during a pass are one more pass together.
                if (range.Members is var members && !members.SetEquals(known))
                {
                    known = members;
                    await TryAsync("drive_members", cancellation => batches.AllAsync("members", cancellation));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task CleanUpAsync()
    {
        await EveryAsync(_options.CleanUpInterval, "clean_up", async cancellation =>
        {
            await references.RunAsync(cancellation);
            await index.RunAsync(cancellation);
            await claims.RemoveExpiredAsync(time.GetUtcNow(), cancellation);
        });
    }

    private async Task EveryAsync(TimeSpan interval, string pass, Func<CancellationToken, Task> run)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await TryAsync(pass, run);
        }
    }

    private async Task TryAsync(string pass, Func<CancellationToken, Task> run)
    {
        var startedAt = time.GetTimestamp();
        try
        {
            await run(_stopping.Token);
            metrics.DriverPassed(pass, time.GetElapsedTime(startedAt), null);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            // Storage is away, for instance. The next pass tries again.
            metrics.DriverPassed(pass, time.GetElapsedTime(startedAt), e is StorageUnavailableException ? "unavailable" : "_OTHER");
            LogPassFailed(pass, e);
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The pass '{Pass}' over batches failed")]
    private partial void LogPassFailed(string pass, Exception exception);
}
