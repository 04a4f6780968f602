namespace Phaseo.Orleans.Storage;

/// <summary>Measures acts of storage: how long each took, and whether it failed.</summary>
public sealed class StorageMeter(PhaseoMetrics metrics, TimeProvider time)
{
    /// <summary>Runs an act and measures it. A refusal that is a value is no failure.</summary>
    public async Task<T> MeasureAsync<T>(string operation, Func<Task<T>> act)
    {
        var startedAt = time.GetTimestamp();
        string? error = null;
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = NameOf(e);
            throw;
        }
        finally
        {
            metrics.StorageUsed(operation, time.GetElapsedTime(startedAt), error);
        }
    }

    /// <inheritdoc cref="MeasureAsync{T}(string, Func{Task{T}})"/>
    public Task MeasureAsync(string operation, Func<Task> act) => MeasureAsync(operation, async () =>
    {
        await act().ConfigureAwait(false);
        return true;
    });

    private static string NameOf(Exception e) => e switch
    {
        StorageUnavailableException => "unavailable",
        OperationCanceledException => "cancelled",
        _ => "_OTHER", // OpenTelemetry's word for an error without a name
    };
}
