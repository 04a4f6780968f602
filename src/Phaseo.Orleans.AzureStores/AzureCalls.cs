using Azure;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores;

/// <summary>What the answers of the service mean to the product.</summary>
internal static class AzureCalls
{
    /// <summary>
    /// Runs a call whose expected refusals are dealt with inside. What passes (no answer, throttling, a server's error)
    /// becomes a <see cref="StorageUnavailableException"/>, and whether the act was carried out is then unknown.
    /// </summary>
    public static async Task<T> RunAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (Passes(e.Status))
        {
            throw Unavailable(what, e);
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is RequestFailedException or OperationCanceledException or IOException))
        {
            // The client's own retries are used up.
            throw Unavailable(what, e);
        }
        catch (IOException e)
        {
            throw Unavailable(what, e);
        }
        catch (TaskCanceledException e) when (!e.CancellationToken.IsCancellationRequested || e.InnerException is TimeoutException)
        {
            // A try that took too long, not the caller's wish.
            throw Unavailable(what, e);
        }
    }

    // 0: no answer at all. 403 passes too: a key that is being rotated, a role that is being given.
    private static bool Passes(int status) => status is 0 or 401 or 403 or 408 or 429 or >= 500;

    private static StorageUnavailableException Unavailable(string what, Exception e) => new($"Azure Storage did not answer: {what}.", e);
}
