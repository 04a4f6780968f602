using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;

namespace Phaseo.Orleans.Tests.Batches.Acting;

/// <summary>Shard grains without Orleans: each answers as the test says, or not at all.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
internal class StubShards : DispatchProxy
{
    /// <summary>What was asked, in order: the question, and the grain's key without the batch.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>How a grain answers, by its key without the batch.</summary>
    public Func<string, Task<ShardAnswer>> Answer { get; set; } = _ => Task.FromResult(ShardAnswer.Running);

    /// <summary>Makes a factory of them.</summary>
    public static (IGrainFactory Factory, StubShards Shards) Create()
    {
        var factory = Create<IGrainFactory, StubShards>();
        return (factory, (StubShards)(object)factory);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.ReturnType == typeof(IShardGrain)
        ? new Stub(this, ((string)args![0]!).Split(':', 2)[1])
        : throw new NotSupportedException($"Only shards are to be had here, not {targetMethod.ReturnType}.");

    private Task<ShardAnswer> Ask(string question, string key)
    {
        Asked.Add($"{question} {key}");
        return Answer(key);
    }

    private sealed class Stub(StubShards all, string key) : IShardGrain
    {
        public Task<ShardAnswer> StartAsync(ShardOrder order) => all.Ask("start", key);

        public Task<ShardAnswer> EnsureRunningAsync(long epoch, int calls) => all.Ask("ensure", key);

        public Task<ShardAnswer> StopAsync(long epoch, ShardOutcome outcome, TimeSpan grace) => all.Ask("stop", key);
    }
}
