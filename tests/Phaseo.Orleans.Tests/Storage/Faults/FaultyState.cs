using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Storage;
using Phaseo.Orleans.AzureStores;
using Phaseo.Orleans.AzureStores.Faults;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.AzureStorage;
using Phaseo.Orleans.Tests.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Storage.Faults;

/// <summary>One batch's state on an account that meets faults, and the activation that writes it.</summary>
internal sealed class FaultyState
{
    private static readonly GrainId Grain = GrainId.Create("batch", BatchScenes.Id);

    private readonly StateScene _scene;
    private readonly GuardedGrainStorage _storage;
    private StorageFaultScript _script = StorageFaultScript.Quiet;
    private BatchSaver _saver = null!;

    private FaultyState(StateScene scene)
    {
        _scene = scene;
        _storage = new(_scene.Storage, new AzureOutages());
    }

    /// <summary>A batch of which one shard runs, saved; from then on so many calls meet the fault.</summary>
    public static async Task<FaultyState> StartAsync(Azurite azurite, StorageFault kind, double lasting)
    {
        FaultyState? state = null;
        var account = await azurite.AccountAsync();
        var services = new ServiceCollection()
            .Configure<SystemTextJsonGrainStorageSerializerOptions>(options => GrainStateJson.Apply(options.JsonSerializerOptions))
            .AddSingleton<SystemTextJsonGrainStorageSerializer>()
            .BuildServiceProvider();
        var scene = await StateScene.CreateAsync(account, options =>
        {
            options.TableServiceClient = account.Tables(() => state?._script ?? StorageFaultScript.Quiet);
            options.GrainStorageSerializer = services.GetRequiredService<SystemTextJsonGrainStorageSerializer>();
        });
        state = new(scene);
        await state.ActivateAsync(BatchScenes.InProgress);
        state._script = new()
        {
            Seed = (ulong)kind,
            Shares = new Dictionary<StorageFault, double> { [kind] = 0.4 },
            Lasting = lasting,
            Longest = TimeSpan.FromMilliseconds(150),
        };
        return state;
    }

    /// <summary>Raises the shard's epoch and saves it, again until it is known to be saved; the epoch that is saved.</summary>
    public async Task<long> SaveUntilTakenAsync()
    {
        while (true)
        {
            try
            {
                _saver.Apply(new BatchEvent.EpochRaised(0));
                await _saver.SaveAsync();
                return EpochOf(_saver.Saved);
            }
            catch (StorageUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
            }
            catch (InconsistentStateException)
            {
                // A write of its own that came late looks like a stranger's: this activation goes, the next one loads.
                await ActivateAsync(null);
            }
        }
    }

    /// <summary>Waits for what is still on its way: the epoch in storage and the one that the activation shows.</summary>
    public async Task<(long Stored, long Shown)> EndAsync()
    {
        _script = StorageFaultScript.Quiet;
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        var row = new Row(_storage);
        await row.ReadStateAsync();
        return (EpochOf(row.State), EpochOf(_saver.Saved));
    }

    private static long EpochOf(BatchState state) => state.Running.Single(shard => shard.Shard == 0).Epoch;

    private async Task ActivateAsync(BatchState? first)
    {
        var row = new Row(_storage);
        await FaultScene.UntilAnsweredAsync(row.ReadStateAsync);
        if (first is not null)
        {
            row.State = first;
            await row.WriteStateAsync();
        }

        _saver = new(row);
    }

    private sealed class Row(GuardedGrainStorage storage) : IPersistentState<BatchState>
    {
        private readonly GrainState<BatchState> _row = new(new());

        public BatchState State
        {
            get => _row.State!;
            set => _row.State = value;
        }

        public string? Etag => _row.ETag;

        public bool RecordExists => _row.RecordExists;

        public Task ReadStateAsync() => storage.ReadStateAsync("batch", Grain, _row);

        public Task WriteStateAsync() => storage.WriteStateAsync("batch", Grain, _row);

        public Task ClearStateAsync() => throw new NotSupportedException();
    }
}
