using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Files.Purging;

/// <summary>Removes the bytes that nobody can reach any more, at intervals, in every silo.</summary>
internal sealed partial class FilePurger(
    DeadFilePass dead, OrphanPass orphans, TimeProvider time, IOptions<PurgeOptions> options, ILogger<FilePurger> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        EveryAsync(options.Value.Interval, "dead files", dead.RunAsync, stoppingToken),
        EveryAsync(options.Value.OrphanInterval, "orphaned uploads", orphans.RunAsync, stoppingToken));

    private async Task EveryAsync(
        TimeSpan interval, string pass, Func<CancellationToken, Task> run, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await run(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Storage is away, for instance. What is left over can wait for the next pass.
                LogPassFailed(pass, e);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The pass over {Pass} failed")]
    private partial void LogPassFailed(string pass, Exception exception);
}
