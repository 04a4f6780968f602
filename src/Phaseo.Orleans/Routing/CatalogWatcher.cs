using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Routing;

/// <summary>Looks at the catalog file again and again. That it needs the store makes a bad file fail the start.</summary>
internal sealed partial class CatalogWatcher(
    CatalogStore store, IOptions<CatalogOptions> options, TimeProvider clock, ILogger<CatalogWatcher> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!store.IsFromFile)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.PollInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await store.RefreshAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LookFailed(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A look at the catalog failed; the next one follows")]
    private static partial void LookFailed(ILogger logger, Exception exception);
}
