using Phaseo.Orleans.Chaos.Judging;
using Phaseo.Orleans.Chaos.Plans;

namespace Phaseo.Orleans.Chaos.Running;

/// <summary>Carries one plan out on a cluster: load and faults, then quiet, then the oracle.</summary>
internal sealed class ChaosRun(ChaosPlan plan, ChaosCluster cluster, CancellationToken cancellation)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(12);

    private readonly List<string> _violations = [];
    private readonly List<ChaosClient> _clients = [];
    private readonly List<Task> _running = [];
    private readonly Coverage _coverage = new();
    private readonly int _callsBefore = cluster.Calls.Count;
    private readonly Random _random = new(plan.Seed);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TimeSpan _allowance;
    private int _disturbances;
    private bool _wasFrozen;

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
            plan, _coverage, _violations, plan.Batches.Sum(batch => batch.Rows), cluster.Calls.Count - _callsBefore,
            TimeProvider.System.GetElapsedTime(_started));
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

    private bool IsPast(ChaosStep step) => step is ChaosStep.Ending(var batch)
        && _clients[batch].Last is { Status: not ("validating" or "in_progress") };

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
                await cluster.StartAsync(cluster.Silos[silo], plan.Calls);
                break;
            case ChaosStep.Terminate(var silo):
                await TerminateAsync(cluster.Silos[silo]);
                break;
            case ChaosStep.Freeze(var silo, var time):
                Frozen(time);
                await cluster.Silos[silo].FreezeAsync(time, cancellation);
                break;
            case ChaosStep.Arm arm:
                await ArmAsync(cluster.Silos[arm.Silo], arm);
                break;
            case ChaosStep.Reach(var silo):
                await ReachAsync(cluster.Silos[silo]);
                break;
            case ChaosStep.Storage(var script, var time):
                _allowance += time + TimeSpan.FromSeconds(60);
                await cluster.SetStorageAsync(script);
                _running.Add(EndStorageAsync(time));
                break;
        }
    }

    private void Submit(int batch)
    {
        var folder = Path.Combine(cluster.Folder, $"{plan.Seed}-{batch}");
        var client = new ChaosClient(plan.Batches[batch], folder, (plan.Seed * 100) + batch, ChaosCluster.ApiKey, AnyServer, cancellation);
        _clients.Add(client);
        _running.Add(client.RunAsync());
    }

    private Uri? AnyServer()
    {
        var living = cluster.Silos.Where(silo => silo.Lives).ToList();
        lock (_random)
        {
            return living.Count == 0 ? null : living[_random.Next(living.Count)].Address;
        }
    }

    private async Task KillAsync(ChaosSilo silo)
    {
        if (silo.HasProcess)
        {
            Disturbed("SIGKILL");
            await silo.KillAsync();
        }
    }

    private async Task TerminateAsync(ChaosSilo silo)
    {
        if (silo.HasProcess)
        {
            Disturbed("SIGTERM");
            if (await silo.StopAsync() is var code and not 0)
            {
                _violations.Add($"SIGTERM ended a silo with {code}:\n{silo.Log}");
            }
        }

        await cluster.StartAsync(silo, plan.Calls);
    }

    private async Task ArmAsync(ChaosSilo silo, ChaosStep.Arm arm)
    {
        await KillAsync(silo);
        await cluster.StartAsync(silo, plan.Calls, (arm.Point, arm.Count, arm.Signal));
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
                _coverage.Add("point", armed!.Value.Point);
                await ReachedAsync(silo, armed.Value.Signal);
            }

            if (!silo.HasProcess)
            {
                await cluster.StartAsync(silo, plan.Calls);
            }
        }
    }

    private async Task ReachedAsync(ChaosSilo silo, string signal)
    {
        if (signal == "STOP")
        {
            var time = plan.Steps.OfType<ChaosStep.Arm>().Last(arm => arm.Silo == silo.Number).For;
            Frozen(time);
            await silo.ThawAfterAsync(time, cancellation);
        }
        else
        {
            Disturbed($"SIG{signal}");
        }
    }

    private void Frozen(TimeSpan time)
    {
        _wasFrozen = true;
        _allowance += time;
        Disturbed("SIGSTOP");
    }

    private void Disturbed(string fault)
    {
        _disturbances++;
        _allowance += TimeSpan.FromSeconds(plan.Silos == 1 ? 20 : 30);
        _coverage.Add("fault", fault);
        foreach (var client in _clients.Where(client => client.Id is not null && !client.IsDone))
        {
            _coverage.Add("killed while", client.Last?.Status ?? "validating");
        }
    }

    private async Task EndStorageAsync(TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System, cancellation);
        await cluster.SetStorageAsync("");
    }

    private async Task StartMissingAsync(bool exceptArmed)
    {
        // A silo whose first step is to be armed is started by that.
        var first = exceptArmed && plan.Steps[0] is ChaosStep.Arm arm ? arm.Silo : -1;
        await Task.WhenAll(cluster.Silos.Where(silo => !silo.HasProcess && silo.Number != first).Select(silo => cluster.StartAsync(silo, plan.Calls)));
    }

    // Nothing breaks any more but what was armed and not reached.
    private async Task<bool> QuietAsync()
    {
        var since = TimeProvider.System.GetTimestamp();
        var clients = Task.WhenAll(_running);
        while (!clients.IsCompleted || !await cluster.Home.IsQuietAsync(cancellation))
        {
            await LookAfterAsync();
            if (TimeProvider.System.GetElapsedTime(since) > plan.QuietLimit)
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

    private async Task JudgeAsync()
    {
        var judge = new Judge(plan, cluster, _callsBefore, _disturbances, _wasFrozen, _allowance);
        _violations.AddRange(await judge.RunAsync(_clients, _coverage, cancellation));
    }

    private void Hear(string line)
    {
        const string Fault = "storage fault: ";
        if (line.StartsWith(Fault, StringComparison.Ordinal))
        {
            _coverage.Add("storage", line[Fault.Length..]);
        }
        else if (line.StartsWith("storage: append refused", StringComparison.Ordinal))
        {
            _coverage.Add("happened", "fenced append");
        }
        else if (line.Contains("was abandoned: its create", StringComparison.Ordinal) || line.Contains("had left over was released", StringComparison.Ordinal) || line.Contains("was behind its terminal state", StringComparison.Ordinal))
        {
            _coverage.Add("happened", "repair");
        }
    }
}
