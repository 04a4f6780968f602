using Azure.Core;
using Azure.Core.Pipeline;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>Once switched on, lets no call of an Azure client end before the caller cancels it.</summary>
internal sealed class EndlessCalls : HttpPipelinePolicy
{
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOn { get; set; }

    /// <summary>Cancels a call once it is under way. Fails unless the client's own call ends by that.</summary>
    public static async Task CheckAsync(EndlessCalls calls, Func<CancellationToken, Task> call)
    {
        using var cancellation = new CancellationTokenSource();
        calls.IsOn = true;

        var running = call(cancellation.Token);
        await calls._called.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(30)));
        await calls._cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The providers call asynchronously.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (!IsOn)
        {
            await ProcessNextAsync(message, pipeline);
            return;
        }

        _called.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, message.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            throw;
        }
    }
}
