using Microsoft.Extensions.Options;
using Phaseo.Orleans.Cluster;

namespace Phaseo.Orleans.Silo;

/// <summary>
/// Ends a process whose stop takes longer than <see cref="DrainOptions"/> allows. Orleans tells the membership table that
/// a silo leaves, and without storage it tries that for minutes, whatever the host's limit says. Nothing is lost by not
/// waiting: the other silos find a silo that is gone as they find one that was killed.
/// </summary>
internal sealed partial class StopGuard : IDisposable
{
    // The host keeps the limits in most cases and needs a moment more to dispose of everything.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly ILogger<StopGuard> _log;
    private readonly CancellationTokenRegistration _stopping;
    private ITimer? _timer;

    private StopGuard(IServiceProvider services)
    {
        _limit = services.GetRequiredService<IOptions<DrainOptions>>().Value.Total + Margin;
        _time = services.GetRequiredService<TimeProvider>();
        _log = services.GetRequiredService<ILogger<StopGuard>>();
        _stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(Begin);
    }

    /// <summary>Guards the process that this host is all of, until the answer is disposed of.</summary>
    public static StopGuard Watch(IServiceProvider services) => new(services);

    public void Dispose()
    {
        _stopping.Dispose();
        _timer?.Dispose();
    }

    private void Begin() => _timer = _time.CreateTimer(_ => End(), null, _limit, Timeout.InfiniteTimeSpan);

    private void End()
    {
        LogEnding(_log, _limit.TotalSeconds);
        Environment.Exit(0);
    }

    [LoggerMessage(LogLevel.Warning, "The silo has not stopped within {Seconds} s and ends without leaving its cluster; the others will find it gone")]
    private static partial void LogEnding(ILogger log, double seconds);
}
