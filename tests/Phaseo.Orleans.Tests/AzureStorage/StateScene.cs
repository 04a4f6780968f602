using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>Grain storage on a table of its own, and a grain whose state it keeps.</summary>
internal sealed class StateScene
{
    public static readonly GrainId Grain = GrainId.Create("ping", "k21665");

    public const string State = "s";

    private static readonly IActivatorProvider Activators =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<IActivatorProvider>();

    private StateScene(AzureTableGrainStorage storage, TableClient table) => (Storage, Table) = (storage, table);

    public AzureTableGrainStorage Storage { get; }

    public TableClient Table { get; }

    public static async Task<StateScene> CreateAsync(
        AzureAccount account, Action<AzureTableStorageOptions>? configure = null, string serviceId = "killtest", EndlessCalls? calls = null)
    {
        var options = new AzureTableStorageOptions
        {
            TableName = AzureAccount.NewTable(),
            TableServiceClient = account.Tables(calls),
            GrainStorageSerializer = new TextStates(),
        };
        configure?.Invoke(options);
        var storage = new AzureTableGrainStorage(
            "test",
            options,
            Options.Create(new ClusterOptions { ServiceId = serviceId }),
            NullLogger<AzureTableGrainStorage>.Instance,
            Activators);
        await StartAsync(storage);
        return new StateScene(storage, account.Tables().GetTableClient(options.TableName));
    }

    /// <summary>Does what a silo does with a provider when it starts.</summary>
    public static async Task StartAsync(ILifecycleParticipant<ISiloLifecycle> provider)
    {
        var lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
        provider.Participate(lifecycle);
        await lifecycle.OnStart(TestContext.Current.CancellationToken);
    }

    public async Task<GrainState<TextState>> WriteAsync(string text, string? etag = null)
    {
        var state = new GrainState<TextState>(new TextState { Text = text }, etag);
        await Storage.WriteStateAsync(State, Grain, state);
        return state;
    }

    public async Task<GrainState<TextState>> ReadAsync()
    {
        var state = new GrainState<TextState>(new TextState { Text = "not read" }, "no etag");
        await Storage.ReadStateAsync(State, Grain, state);
        return state;
    }

    public async Task<TableEntity> RowAsync() =>
        await Table.GetEntityAsync<TableEntity>("killtest_ping_k21665", State);
}
