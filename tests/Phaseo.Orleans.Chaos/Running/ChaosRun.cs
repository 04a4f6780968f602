using Phaseo.Orleans.Chaos.Judging;
using Phaseo.Orleans.Chaos.Plans;

namespace Phaseo.Orleans.Chaos.Running;

/// <summary>Carries one plan out on a cluster: load and faults, then quiet, then the oracle.</summary>
internal sealed class ChaosRun(ChaosPlan plan, ChaosCluster cluster, MachinePauses pauses, CancellationToken cancellation)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(20);

    // What the promises give for going on: after a silo was hit (120 s if it restarts alone, which is more than it needs),
    // and after an outage of storage.
    private static readonly TimeSpan SiloRecovery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StorageRecovery = TimeSpan.FromSeconds(60);

    private static readonly string[] Repairs =
        ["was abandoned: its create", "had left over was released", "was behind its terminal state"];

    private readonly List<string> _violations = [];
    private readonly List<ChaosClient> _clients = [];
    private readonly List<Task> _running = [];
    private readonly Coverage _coverage = new();
    private readonly int _callsBefore = cluster.Calls.Count;
    private readonly Random _random = new(plan.Seed);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly Disturbances _disturbances = new(cluster.Calls, pauses);
    private IReadOnlyList<TimeSpan> _takeovers = [];

    /// <summary>Runs it.</summary>
    public async Task<ChaosResult> RunAsync()
    {
        cluster.Heard = Hear;
        cluster.Behave(plan.Latency, plan.Upstream);
        await cluster.SetStorageAsync("");
        try
        {
            await StartMissingAsync(exceptArmed: true);
            foreach (var step in plan.Steps)
            {
                await MomentAsync(step);
                await DoAsync(step);
                await LookAfterAsync();
            }

            if (await QuietAsync())
            {
                await JudgeAsync();
            }
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or HttpRequestException or IOException)
        {
            _violations.Add($"{e.GetType().Name}: {e.Message}");
        }
        finally
        {
            _clients.ForEach(client => client.Dispose());
        }

        return new(
            plan.Seed,
            plan.Theme,
            plan.ToString(),
            _coverage.Counts,
            _violations,
            plan.Batches.Sum(batch => batch.Rows),
            cluster.Calls.Count - _callsBefore,
            Math.Round(TimeProvider.System.GetElapsedTime(_started).TotalSeconds, 1),
            [.. _takeovers.Select(wait => Math.Round(wait.TotalSeconds, 1))]);
    }

    private async Task MomentAsync(ChaosStep step)
    {
        var since = TimeProvider.System.GetTimestamp();
        var calls = cluster.Calls.Count + step.AfterCalls;
        while (TimeProvider.System.GetElapsedTime(since) < step.Wait && (step.AfterCalls == 0 || cluster.Calls.Count < calls) && !IsPast(step))
        {
            await Task.Delay(Tick, TimeProvider.System, cancellation);
        }
    }

    private bool IsPast(ChaosStep step) => step switch
    {
        ChaosStep.Ending(var batch) => _clients[batch].Last is { Status: not ("validating" or "in_progress") },
        ChaosStep.Ended(var batch) => _clients[batch].IsDone,
        _ => false,
    };

    private async Task DoAsync(ChaosStep step)
    {
        switch (step)
        {
            case ChaosStep.Submit(var batch):
                Submit(batch);
                break;
            case ChaosStep.Cancel(var batch):
                _running.Add(_clients[batch].CancelAsync());
                break;
            case ChaosStep.Kill(var silo):
                await KillAsync(cluster.Silos[silo]);
                await StartAsync(cluster.Silos[silo]);
                break;
            case ChaosStep.Down(var silo):
                await KillAsync(cluster.Silos[silo]);
                cluster.Silos[silo].IsAway = true;
                NoteWorkers();
                break;
            case ChaosStep.Up(var silo):
                await StartAsync(cluster.Silos[silo]);
                break;
            case ChaosStep.Terminate(var silo):
                await TerminateAsync(cluster.Silos[silo]);
                break;
            case ChaosStep.Freeze(var silo, var time):
                Disturbed("SIGSTOP", time, cluster.Silos[silo]);
                await cluster.Silos[silo].FreezeAsync(time, cancellation);
                break;
            case ChaosStep.Arm arm:
                await ArmAsync(cluster.Silos[arm.Silo], arm);
                break;
            case ChaosStep.Reach(var silo):
                await ReachAsync(cluster.Silos[silo]);
                break;
            case ChaosStep.Storage(var script, var time):
                _disturbances.Add("storage", time, StorageRecovery);
                await cluster.SetStorageAsync(script);
                _running.Add(EndStorageAsync(time));
                break;
        }
    }

    private Task StartAsync(ChaosSilo silo, ChaosStep.Arm? arm = null) =>
        cluster.StartAsync(silo, plan.Calls, plan.RoleOf(silo.Number), arm);

    private void Submit(int batch)
    {
        var folder = Path.Combine(cluster.Folder, $"{plan.Seed}-{batch}");
        var client = new ChaosClient(plan.Batches[batch], folder, (plan.Seed * 100) + batch, ChaosCluster.ApiKey, AnyServer, cancellation) { LooksAway = plan.NobodyAsks };
        _clients.Add(client);
        _running.Add(client.RunAsync());
    }

    private Uri? AnyServer()
    {
        var living = cluster.Silos.Where(silo => silo.TakesRequests).ToList();
        lock (_random)
        {
            return living.Count == 0 ? null : living[_random.Next(living.Count)].Address;
        }
    }

    private async Task KillAsync(ChaosSilo silo)
    {
        if (silo.HasProcess)
        {
            Disturbed("SIGKILL", TimeSpan.Zero, silo);
            await silo.KillAsync();
        }
    }

    private async Task TerminateAsync(ChaosSilo silo)
    {
        if (silo.HasProcess)
        {
            Disturbed("SIGTERM", TimeSpan.Zero);
            await StopAsync(silo);
        }

        await StartAsync(silo);
    }

    private async Task StopAsync(ChaosSilo silo)
    {
        if (await silo.StopAsync() is var code and not 0)
        {
            _violations.Add($"SIGTERM ended a silo with {code}:\n{silo.Log}");
        }
    }

    private async Task ArmAsync(ChaosSilo silo, ChaosStep.Arm arm)
    {
        await KillAsync(silo);
        await StartAsync(silo, arm);
    }

    private async Task ReachAsync(ChaosSilo silo)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (silo.Armed is not null && TimeProvider.System.GetElapsedTime(since) < ReachLimit && !AllDone())
        {
            await LookAfterAsync();
            await Task.Delay(Tick, TimeProvider.System, cancellation);
        }
    }

    // Only K14 comes after the end.
    private bool AllDone() => _clients.Count > 0 && _clients.TrueForAll(client => client.IsDone)
        && !cluster.Silos.Any(silo => silo.Armed is { Point: "K14" or "K12" });

    // A silo may have met its fail-point, or died of having been frozen.
    private async Task LookAfterAsync()
    {
        foreach (var silo in cluster.Silos)
        {
            var armed = silo.Armed;
            if (await silo.HasReachedAsync())
            {
                _coverage.Add("point", armed!.Point);
                await ReachedAsync(silo, armed);
            }

            if (!silo.HasProcess && !silo.IsAway)
            {
                await StartAsync(silo);
            }
        }
    }

    private async Task ReachedAsync(ChaosSilo silo, ChaosStep.Arm armed)
    {
        if (armed.Signal != "STOP")
        {
            Disturbed($"SIG{armed.Signal}", TimeSpan.Zero, armed.Signal == "KILL" ? silo : null);
            return;
        }

        Disturbed("SIGSTOP", armed.For, silo);
        if (armed.Outlives)
        {
            var replaced = new ReplacedSilo(silo.Caller, cluster.Calls);
            await silo.OutliveAsync(replaced.IsSeen, armed.For, cancellation);
        }
        else
        {
            await silo.ThawAfterAsync(armed.For, cancellation);
        }
    }

    private void Disturbed(string fault, TimeSpan lasts, ChaosSilo? gone = null)
    {
        var isLeft = cluster.Silos.Any(other => other != gone && other.Lives && other.Role != "api");
        _disturbances.Add(fault, lasts, SiloRecovery, isLeft ? gone?.Caller : null);
        _coverage.Add("fault", fault);
        foreach (var client in _clients.Where(client => client.Id is not null && !client.IsDone && !client.LooksAway))
        {
            _coverage.Add("killed while", client.Last?.Status ?? "validating");
        }
    }

    private void NoteWorkers()
    {
        if (!cluster.Silos.Any(silo => silo.Lives && silo.Role != "api"))
        {
            _coverage.Add("fault", "all workers gone");
        }
    }

    private async Task EndStorageAsync(TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System, cancellation);
        await cluster.SetStorageAsync("");
    }

    // A silo of another role than this plan's was left by the plan before.
    private async Task StartMissingAsync(bool exceptArmed)
    {
        await Task.WhenAll(cluster.Silos.Where(silo => silo.HasProcess && silo.Role != plan.RoleOf(silo.Number)).Select(StopAsync));

        // A silo whose first step is to be armed is started by that.
        var first = exceptArmed && plan.Steps[0] is ChaosStep.Arm arm ? arm.Silo : -1;
        await Task.WhenAll(cluster.Silos.Where(silo => !silo.HasProcess && silo.Number != first).Select(silo => StartAsync(silo)));
    }

    // Nothing breaks any more but what was armed and not reached.
    private async Task<bool> QuietAsync()
    {
        var since = cluster.Calls.Now;
        var clients = Task.WhenAll(_running);
        while (!await IsQuietAsync() || !clients.IsCompleted)
        {
            await LookAfterAsync();
            if (cluster.Calls.Now - since > plan.QuietLimit + _disturbances.Pauses(since))
            {
                var open = string.Join("; ", _clients.Where(client => !client.IsDone).Select(client => $"{client.Id ?? "no id"} {client.Last}"));
                _violations.Add($"I5: not quiet {plan.QuietLimit.TotalSeconds:0} s after the last fault: {(open.Length == 0 ? "all batches have ended, an open row or reminder is left" : open)}");
                _violations.AddRange(cluster.Silos.Select(silo => silo.Log));
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellation);
        }

        await clients;
        return true;
    }

    // Clients that look away look again when there is nothing left that they could wake.
    private async Task<bool> IsQuietAsync()
    {
        var isQuiet = _clients.TrueForAll(client => client.Id is not null || client.HasGivenUp)
            && await cluster.Home.IsQuietAsync(cancellation);
        if (isQuiet)
        {
            _clients.ForEach(client => client.LooksAway = false);
        }

        return isQuiet;
    }

    private async Task JudgeAsync()
    {
        var judge = new Judge(plan, cluster, _callsBefore, _disturbances, _coverage);
        _violations.AddRange(await judge.RunAsync(_clients, cancellation));
        _takeovers = judge.Takeovers;
    }

    private void Hear(string line)
    {
        const string Fault = "storage fault: ";
        const string Came = "came of it: ";
        if (line.StartsWith(Fault, StringComparison.Ordinal))
        {
            _coverage.Add("storage", line[Fault.Length..]);
        }
        else if (line.StartsWith(Came, StringComparison.Ordinal))
        {
            _coverage.Add("happened", line[Came.Length..]);
        }
        else if (Array.Exists(Repairs, repair => line.Contains(repair, StringComparison.Ordinal)))
        {
            _coverage.Add("happened", "repair");
        }
    }
}
