using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>What the oracle found left of finished batches (I9).</summary>
/// <param name="Seconds">How long it took until nothing was left, or the limit.</param>
/// <param name="Left">How many things were left at the limit.</param>
internal sealed record CleanResult(double Seconds, int Left)
{
    /// <summary>I9's minute.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until nothing is left.</summary>
    /// <param name="services">The silo's.</param>
    /// <param name="ids">Batches of one shard, all terminal just now.</param>
    /// <param name="file">The input of all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<CleanResult> WaitAsync(
        IServiceProvider services, IReadOnlyList<string> ids, string file, CancellationToken cancellation)
    {
        var open = services.GetRequiredService<IOpenBatches>();
        var remains = new Remains(
            open,
            services.GetRequiredService<IFileReferences>(),
            services.GetRequiredService<IJournalStore>(),
            services.GetRequiredService<IBlobStore>(),
            services.GetRequiredService<IReminderTable>());
        var start = TimeProvider.System.GetTimestamp();

        // First the open rows as a whole: the oracle lists them all for each batch.
        while (await open.ListAsync(null, cancellation).AnyAsync(cancellation) && !IsLate())
        {
            await Task.Delay(Poll, TimeProvider.System, cancellation);
        }

        var unclean = ids;
        while (true)
        {
            var (still, left) = (new List<string>(), 0);
            foreach (var id in unclean)
            {
                var found = await remains.FindAsync(EngineClient.Workspace, id, file, 1, cancellation);
                left += found.Length;
                if (found.Length > 0)
                {
                    still.Add(id);
                }
            }

            if (left == 0 || IsLate())
            {
                return new CleanResult(TimeProvider.System.GetElapsedTime(start).TotalSeconds, left);
            }

            unclean = still;
            await Task.Delay(Poll, TimeProvider.System, cancellation);
        }

        bool IsLate() => TimeProvider.System.GetElapsedTime(start) > Limit;
    }
}
