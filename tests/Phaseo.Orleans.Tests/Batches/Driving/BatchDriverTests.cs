using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches.Driving;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Batches.Creation;
using Phaseo.Orleans.Tests.Claims;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Driving;

[Collection(ClaimTests.Name)]
public sealed class BatchDriverTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly DriverOptions DriverOptions = new();
    private readonly CreationScene _scene;
    private readonly WatchedTime _time;
    private readonly BatchDriver _driver;
    private readonly SiloLife _silo = new();
    private readonly Channel<string> _driven = Channel.CreateUnbounded<string>();

    public BatchDriverTests(ClaimCluster cluster)
    {
        _scene = new(cluster);
        _scene.Batches.OnDrive = id => _driven.Writer.WriteAsync(id).AsTask();
        _time = new(_scene.Clock);
        _driver = new BatchDriver(
            _scene.OpenBatches, _scene.Range, _scene.Members, _scene.References, _scene.Index, _scene.Stores, _time,
            Options.Create(DriverOptions), _scene.Measured.Metrics, NullLogger<BatchDriver>.Instance);
        _driver.Participate(_silo);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _driver.Dispose();

    [Fact]
    public async Task Silo_starts_by_driving_all_and_goes_on_with_the_silent_ones()
    {
        var batch = await _scene.CreatedAsync();

        await _silo.StartAsync();
        Assert.Equal(batch.Id, await NextDrivenAsync());
        await _time.TimerIsSetAsync(DriverOptions.Interval);
        _scene.Clock.Advance(DriverOptions.StaleAfter + DriverOptions.Interval);
        Assert.Equal(batch.Id, await NextDrivenAsync());
        _scene.Clock.Advance(DriverOptions.Interval);
        Assert.Equal(batch.Id, await NextDrivenAsync());

        await _silo.StopAsync();
    }

    [Fact]
    public async Task Batches_of_a_dead_silo_are_driven_at_once_by_whoever_inherits_them()
    {
        _scene.Members.Set((0, SiloStatus.Active), (1, SiloStatus.Active));
        var (mine, others) = (new List<string>(), new List<string>());
        while (mine.Count == 0 || others.Count == 0)
        {
            var batch = await _scene.CreatedAsync(_scene.Request(Guid.NewGuid().ToString("N")));
            (_scene.Range.Now()(batch.Id) ? mine : others).Add(batch.Id);
        }

        await _silo.StartAsync();
        Assert.Equivalent(mine, await NextDrivenAsync(mine.Count), strict: true);
        _scene.Members.Set((0, SiloStatus.Active), (1, SiloStatus.Dead));
        Assert.Equivalent(mine.Concat(others), await NextDrivenAsync(mine.Count + others.Count), strict: true);

        await _silo.StopAsync();
        Assert.False(_driven.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_silo_that_leaves_is_followed_when_it_begins_to_and_when_it_has_gone()
    {
        _scene.Members.Set((0, SiloStatus.Active), (1, SiloStatus.Active));
        await _silo.StartAsync();
        await _time.TimerIsSetAsync(DriverOptions.Interval);
        var batch = await _scene.CreatedAsync();

        _scene.Members.Set((0, SiloStatus.Active), (1, SiloStatus.ShuttingDown));
        Assert.Equal(batch.Id, await NextDrivenAsync());
        _scene.Members.Set((0, SiloStatus.Active), (1, SiloStatus.Dead));
        Assert.Equal(batch.Id, await NextDrivenAsync());

        await _silo.StopAsync();
    }

    [Fact]
    public async Task Start_waits_for_no_batch_and_a_stop_in_a_hurry_for_none_either()
    {
        await _scene.CreatedAsync();
        var pause = new Pause();
        _scene.Batches.OnDrive = _ =>
        {
            pause.Arrive();
            return pause.Continued;
        };

        await _silo.StartAsync().WaitAsync(Patience, Cancel);
        await pause.Arrived;
        await _silo.StopInAHurryAsync().WaitAsync(Patience, Cancel);

        pause.Continue();
    }

    [Fact]
    public async Task Stopped_driver_drives_no_more()
    {
        await _scene.CreatedAsync();
        await _silo.StartAsync();
        await NextDrivenAsync();
        await _time.TimerIsSetAsync(DriverOptions.Interval);

        await _silo.StopAsync().WaitAsync(Patience, Cancel);
        _scene.Clock.Advance(DriverOptions.StaleAfter + DriverOptions.Interval);

        Assert.False(_driven.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Pass_that_fails_is_followed_by_the_next()
    {
        var batch = await _scene.CreatedAsync();
        _scene.Stores.OnRead = () =>
        {
            _scene.Stores.OnRead = () => { };
            throw new StorageUnavailableException("Away.");
        };

        await _silo.StartAsync();
        await _time.TimerIsSetAsync(DriverOptions.Interval);
        Assert.Empty(_scene.Batches.Driven);
        _scene.Clock.Advance(DriverOptions.StaleAfter + DriverOptions.Interval);

        Assert.Equal(batch.Id, await NextDrivenAsync());
        await _silo.StopAsync();
    }

    [Fact]
    public async Task Leftovers_and_old_claims_go_by_themselves()
    {
        var now = _scene.Clock.GetUtcNow();
        await _scene.Stores.AddAsync(new FileReference(_scene.Workspace, _scene.FileId, Ids.NewBatch(now), now), Cancel);
        await _scene.Stores.WriteAsync(new ClaimRow($"{_scene.Workspace}:batches:x", "tag", now, default), null, Cancel);
        var expired = new Pause();
        _scene.Stores.OnWrite = (name, write) =>
        {
            write();
            if (name == "expire claims")
            {
                expired.Arrive();
            }

            return Task.CompletedTask;
        };

        await _silo.StartAsync();
        await _time.TimerIsSetAsync(DriverOptions.CleanUpInterval);
        _scene.Clock.Advance(DriverOptions.AbandonAfter + TimeSpan.FromSeconds(1));
        await expired.Arrived;

        Assert.Empty(_scene.Stores.References);
        Assert.Empty(_scene.Stores.Claims);
        await _silo.StopAsync();
    }

    private async Task<string[]> NextDrivenAsync(int count)
    {
        var driven = new string[count];
        for (var i = 0; i < count; i++)
        {
            driven[i] = await NextDrivenAsync();
        }

        return driven;
    }

    private async Task<string> NextDrivenAsync() => await _driven.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel);

    /// <summary>The part of a silo's life that the driver takes part in.</summary>
    private sealed class SiloLife : ISiloLifecycle, IDisposable
    {
        private ILifecycleObserver? _observer;

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            Assert.Equal(ServiceLifecycleStage.Active, stage);
            _observer = observer;
            return this;
        }

        public void Dispose() => _observer = null;

        public Task StartAsync() => _observer!.OnStart(Cancel);

        public Task StopAsync() => _observer!.OnStop(Cancel);

        public Task StopInAHurryAsync() => _observer!.OnStop(new CancellationToken(canceled: true));
    }
}
