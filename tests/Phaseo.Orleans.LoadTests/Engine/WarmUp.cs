using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>Brings a silo to the state in which it spends its life: compiled, pools filled, places lent.</summary>
internal static class WarmUp
{
    // Enough for every place to be lent and every connection to be open.
    private const int RowsPerCall = 4;

    /// <summary>Runs a batch of rows like those that will be measured.</summary>
    /// <param name="client">The silo.</param>
    /// <param name="options">How it was started.</param>
    /// <param name="rows">How many; 0: nothing is done.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task RunAsync(EngineClient client, EngineOptions options, int rows, CancellationToken cancellation)
    {
        if (rows == 0)
        {
            return;
        }

        if (options.WarmUp is null)
        {
            await RunAsync(client, options, EchoCatalog.Model, rows, cancellation);
            return;
        }

        await RunAsync(client, options, EchoCatalog.WarmUpModel, rows, cancellation);
        await RunAsync(client, options, EchoCatalog.Model, RowsPerCall * options.Concurrency, cancellation);
    }

    private static async Task RunAsync(
        EngineClient client, EngineOptions options, string model, int rows, CancellationToken cancellation)
    {
        var path = Path.Combine(options.Folder, "warm-up");
        await new RequestRows { Seed = -1, Model = model }.WriteAsync(path, rows, cancellation);
        var file = await client.UploadAsync(path, cancellation);
        File.Delete(path);
        await client.RunAsync(file, cancellation);
    }
}
