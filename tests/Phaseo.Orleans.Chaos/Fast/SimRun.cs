namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>
/// One schedule: a batch under cancel, deadline, crashes, zombies and repeated wake-ups, in an order that the seed chooses;
/// then quiet, then the checks.
/// </summary>
internal sealed class SimRun
{
    private const int MostSteps = 50_000;

    private static readonly TimeSpan[] Leaps = [.. new[] { 0.02, 0.3, 1, 2, 6, 16, 31 }.Select(TimeSpan.FromSeconds)];
    private static readonly TimeSpan DriveInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan QuietLimit = TimeSpan.FromMinutes(5);

    private readonly SimWorld _world;
    private readonly SimScenario _scenario;
    private readonly SimChecks _checks;
    private readonly List<Task> _asked = [];
    private int _silos;

    public SimRun(int seed, PhaseoMetrics metrics)
    {
        Seed = seed;
        _world = new(seed);
        StartSilo();
        StartSilo();
        _scenario = SimScenario.Make(_world, metrics);
        _checks = new(_scenario);
    }

    /// <summary>What it was made from.</summary>
    public int Seed { get; }

    /// <summary>What happened, counted.</summary>
    public Dictionary<string, int> Happened { get; } = [];

    /// <summary>Runs it: which promises were broken.</summary>
    public IReadOnlyList<string> Run()
    {
        var before = SynchronizationContext.Current;
        try
        {
            Disturb();
            _world.IsFaulty = false;
            _checks.QuietFrom = _world.Now;
            Calm();
            return [.. _world.Bugs, .. _checks.End()];
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or KeyNotFoundException or NullReferenceException)
        {
            return [$"crash: {e}"];
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private void Disturb()
    {
        Ask("drive", () => _scenario.Client().DriveAsync());
        for (var steps = _world.Random.Next(50, 900); steps > 0; steps--)
        {
            if (_world.Random.Next(100) < 4)
            {
                Something();
            }
            else if (_world.Random.Next(100) < 6 || !_world.Step())
            {
                _world.Clock.Advance(Leaps[_world.Random.Next(Leaps.Length)]);
            }
        }
    }

    private void Something()
    {
        switch (_world.Random.Next(9))
        {
            case 0 when _world.Random.Next(4) == 0:
                Ask("cancel", () => _scenario.Client().CancelAsync());
                break;
            case 1:
                Note("crash");
                _scenario.Orleans.Crash(_world.Silos[_world.Random.Next(_world.Silos.Count)]);
                StartSilo();
                break;
            case 2:
                if (_scenario.Orleans.Known.ToList() is { Count: > 0 } known)
                {
                    Note("zombie");
                    _scenario.Orleans.Forget(known[_world.Random.Next(known.Count)]);
                }

                break;
            case 3:
                Ask("drive", () => _scenario.Client().DriveAsync());
                break;
            case 4:
                Note("freeze");
                var silo = _world.Silos[_world.Random.Next(_world.Silos.Count)];
                silo.IsFrozen = true;
                _world.After(TimeSpan.FromSeconds(_world.Random.Next(1, 40)), () => silo.IsFrozen = false);
                break;
            case 5 when _scenario.ExpiresAt > _world.Now && _scenario.ExpiresAt - _world.Now < TimeSpan.FromMinutes(5) && _world.Random.Next(3) == 0:
                Note("leap to the deadline");
                _world.Clock.Advance(_scenario.ExpiresAt - _world.Now);
                break;
            default:
                Read();
                break;
        }
    }

    // As the driver of every silo does it, and a client that looks.
    private void Calm()
    {
        var until = _world.Now + QuietLimit;
        if (_scenario.ExpiresAt < _world.Now + TimeSpan.FromMinutes(5) && _scenario.ExpiresAt > _world.Now)
        {
            until = _scenario.ExpiresAt + QuietLimit;
        }

        _world.Silos.ForEach(silo => silo.IsFrozen = false);
        var driven = _world.Now - DriveInterval;
        for (var steps = 0; _world.Now < until && !_checks.IsOver; steps++)
        {
            if (steps > MostSteps)
            {
                _world.Bugs.Add($"I5: {MostSteps} steps without a rest.");
                return;
            }

            if (_world.Step())
            {
                continue;
            }

            if (_world.Now - driven >= DriveInterval)
            {
                driven = _world.Now;
                Ask("drive", () => _scenario.Client().DriveAsync());
                Read();
                if (_scenario.Upstream.HasSilentRows && _scenario.ExpiresAt - _world.Now > TimeSpan.FromHours(1))
                {
                    // Only a cancel ends it.
                    Ask("cancel", () => _scenario.Client().CancelAsync());
                }

                continue;
            }

            _world.Clock.Advance(TimeSpan.FromMilliseconds(250));
        }

        // What is late comes now; a batch that is not over may go on for ever.
        for (var steps = 0; steps < MostSteps && _world.Step(); steps++)
        {
        }
    }

    private void Read()
    {
        Note("read");
        var asked = _scenario.Client().GetAsync();
        _checks.Reading(asked);
    }

    private void Ask(string what, Func<Task> act)
    {
        Note(what);
        _asked.Add(act());
    }

    private void Note(string what) => Happened[what] = Happened.GetValueOrDefault(what) + 1;

    private void StartSilo() => _world.Silos.Add(new($"silo {_silos++}"));
}
