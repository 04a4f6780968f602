using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Timers;

namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>
/// As much of Orleans as the engine's grains can see: activations with one request at a time, timers, reminders, messages
/// that may be lost, and a directory that may think of an activation as dead while it lives.
/// </summary>
internal sealed class SimOrleans(SimWorld world, SimStored stored, Func<SimOrleans, SimActivation, Grain> create)
{
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

    private readonly Dictionary<GrainId, SimActivation> _directory = [];

    /// <summary>The world.</summary>
    public SimWorld World => world;

    /// <summary>What is stored.</summary>
    public SimStored Stored => stored;

    /// <summary>Activations that the directory knows.</summary>
    public IEnumerable<SimActivation> Known => _directory.Values;

    /// <summary>A reference to a grain.</summary>
    public T Get<T>(GrainId id)
        where T : class, IGrain
    {
        var reference = DispatchProxy.Create<T, SimReference>();
        ((SimReference)(object)reference).Bind(this, id);
        return reference;
    }

    /// <summary>The directory thinks that the activation is gone. It is not.</summary>
    public void Forget(SimActivation activation)
    {
        if (_directory.GetValueOrDefault(activation.Id) == activation)
        {
            _directory.Remove(activation.Id);
        }
    }

    /// <summary>A silo crashes, and its activations with it.</summary>
    public void Crash(SimSilo silo)
    {
        world.Crash(silo);
        foreach (var gone in _directory.Values.Where(activation => activation.Silo == silo).ToList())
        {
            _directory.Remove(gone.Id);
        }
    }

    /// <summary>The newest activation of a grain is this one.</summary>
    public bool IsKnown(SimActivation activation) => _directory.GetValueOrDefault(activation.Id) == activation;

    /// <summary>Sends a request. A lost one, or a lost answer, is a time-out.</summary>
    public Task<T> SendAsync<T>(GrainId id, bool interleaves, Func<Grain, Task<T>> call)
    {
        var answer = new TaskCompletionSource<T>();
        if (world.IsFaulty && world.Random.Next(100) < 4)
        {
            TimeOut(answer);
            return answer.Task;
        }

        world.Later(null, () => Deliver(id, interleaves, call, answer));
        return answer.Task;
    }

    private void Deliver<T>(GrainId id, bool interleaves, Func<Grain, Task<T>> call, TaskCompletionSource<T> answer)
    {
        var activation = Find(id);
        TimeOut(answer);
        activation.Take(interleaves, async grain =>
        {
            T result;
            try
            {
                result = await call(grain);
            }
            catch (Exception e)
            {
                world.Later(activation.Silo, () => answer.TrySetException(e));
                return;
            }

            if (!world.IsFaulty || world.Random.Next(100) >= 3)
            {
                world.Later(activation.Silo, () => answer.TrySetResult(result));
            }
        });
    }

    private void TimeOut<T>(TaskCompletionSource<T> answer) =>
        world.After(ResponseTimeout, () => answer.TrySetException(new TimeoutException("No answer.")));

    private SimActivation Find(GrainId id)
    {
        if (!_directory.TryGetValue(id, out var activation))
        {
            var silo = world.Silos[world.Random.Next(world.Silos.Count)];
            activation = new SimActivation(this, id, silo);
            _directory.Add(id, activation);
            activation.Activate(create);
        }

        return activation;
    }
}

/// <summary>A reference to a grain.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
internal class SimReference : DispatchProxy
{
    private static readonly MethodInfo Typed = typeof(SimReference).GetMethod(nameof(SendAsync), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private SimOrleans _orleans = null!;
    private GrainId _id;

    public void Bind(SimOrleans orleans, GrainId id) => (_orleans, _id) = (orleans, id);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var method = targetMethod!;
        var interleaves = method.GetCustomAttribute<AlwaysInterleaveAttribute>() is not null;
        return method.ReturnType.IsGenericType
            ? Typed.MakeGenericMethod(method.ReturnType.GenericTypeArguments[0]).Invoke(this, [method, args, interleaves])
            : _orleans.SendAsync(_id, interleaves, async grain =>
            {
                await (Task)method.Invoke(grain, args)!;
                return true;
            });
    }

    private Task<T> SendAsync<T>(MethodInfo method, object?[]? args, bool interleaves) =>
        _orleans.SendAsync(_id, interleaves, grain => (Task<T>)method.Invoke(grain, args)!);
}

/// <summary>Answers what a test has an answer for.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
internal class SimStub : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = null!;

    /// <summary>Makes one of an interface.</summary>
    public static T Of<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var stub = Create<T, SimStub>();
        ((SimStub)(object)stub)._answer = answer;
        return stub;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args ?? []);
}

/// <summary>One activation of a grain.</summary>
internal sealed class SimActivation
{
    private delegate void SetContext(IGrainContext? context, out IGrainContext? before);

    private static readonly SetContext Enter = typeof(Grain).Assembly
        .GetType("Orleans.Runtime.RuntimeContext", throwOnError: true)!.GetMethod("SetExecutionContext", BindingFlags.Static | BindingFlags.NonPublic, [typeof(IGrainContext), typeof(IGrainContext).MakeByRefType()])!
        .CreateDelegate<SetContext>();

    private readonly SimOrleans _orleans;
    private readonly Queue<Func<Grain, Task>> _requests = [];
    private readonly List<SimTimer> _timers = [];
    private readonly IGrainContext _context;
    private readonly ServiceProvider _services;
    private bool _isBusy = true;
    private bool _isActive;
    private bool _isLeaving;

    public SimActivation(SimOrleans orleans, GrainId id, SimSilo silo)
    {
        (_orleans, Id, Silo) = (orleans, id, silo);
        Turns = orleans.World.NewScheduler(silo);
        Strands = orleans.World.NewScheduler(silo);
        _services = new ServiceCollection()
            .AddSingleton(SimStub.Of<ITimerRegistry>(Timer))
            .AddSingleton(SimStub.Of<IReminderRegistry>(Reminder))
            .AddSingleton(SimStub.Of<IGrainRuntime>(Runtime))
            .BuildServiceProvider();
        _context = SimStub.Of<IGrainContext>((method, _) => method.Name switch
        {
            "get_GrainId" => Id,
            "get_ActivationServices" => _services,
            _ => throw new NotSupportedException($"IGrainContext.{method.Name}"),
        });
    }

    /// <summary>Whose activation it is.</summary>
    public GrainId Id { get; }

    /// <summary>Where it lives.</summary>
    public SimSilo Silo { get; }

    /// <summary>Where its turns run.</summary>
    public SimScheduler Turns { get; }

    /// <summary>Where its shard's strand runs.</summary>
    public SimScheduler Strands { get; }

    /// <summary>The grain itself.</summary>
    public Grain Grain { get; private set; } = null!;

    /// <summary>Makes the grain and starts it.</summary>
    public void Activate(Func<SimOrleans, SimActivation, Grain> create) => Turns.Start(async () =>
    {
        Enter(_context, out var before);
        Grain = create(_orleans, this);
        Enter(before, out _);
        while (!_isActive)
        {
            try
            {
                await ReadAsync();
                await Grain.OnActivateAsync(CancellationToken.None);
                _isActive = true;
            }
            catch (OrleansException)
            {
                // Storage did not answer: the next message would try again.
            }
        }

        _isBusy = false;
        Next();
    });

    /// <summary>What is to be read before the grain starts.</summary>
    public Func<Task> ReadAsync { get; set; } = () => Task.CompletedTask;

    /// <summary>Takes a request in.</summary>
    public void Take(bool interleaves, Func<Grain, Task> request)
    {
        if (interleaves && _isActive)
        {
            Turns.Start(() => request(Grain));
            return;
        }

        _requests.Enqueue(request);
        Next();
    }

    private void Next()
    {
        if (_isBusy || !_requests.TryDequeue(out var request))
        {
            if (!_isBusy && _isLeaving)
            {
                Leave();
            }

            return;
        }

        _isBusy = true;
        Turns.Start(async () =>
        {
            await request(Grain);
            _isBusy = false;
            Next();
        });
    }

    private void Leave()
    {
        _isBusy = true;
        _orleans.Forget(this);
        _timers.ForEach(timer => timer.Dispose());
        Turns.Start(() => Grain.OnDeactivateAsync(new(DeactivationReasonCode.ApplicationRequested, ""), CancellationToken.None));
    }

    private object? Timer(MethodInfo method, object?[] args)
    {
        // RegisterGrainTimer<TState>(context, callback, state, options)
        var (callback, state, options) = ((Delegate)args[1]!, args[2], (GrainTimerCreationOptions)args[3]!);
        var timer = new SimTimer(_orleans.World.Clock, Turns, () => (Task)callback.DynamicInvoke(state, CancellationToken.None)!);
        _timers.Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    private object? Reminder(MethodInfo method, object?[] args)
    {
        var key = Id.ToString();
        return method.Name switch
        {
            "RegisterOrUpdateReminder" => _orleans.World.StoreAsync(Silo, () =>
            {
                _orleans.Stored.Reminders.Add(key);
                return SimStub.Of<IGrainReminder>((_, _) => "drive");
            }),
            "GetReminder" => _orleans.World.StoreAsync<IGrainReminder?>(
                Silo, () => _orleans.Stored.Reminders.Contains(key) ? SimStub.Of<IGrainReminder>((_, _) => "drive") : null),
            _ => _orleans.World.StoreAsync(Silo, () => _orleans.Stored.Reminders.Remove(key)),
        };
    }

    private object? Runtime(MethodInfo method, object?[] args)
    {
        switch (method.Name)
        {
            case "DeactivateOnIdle":
                if (!_isLeaving)
                {
                    _isLeaving = true;
                    _orleans.World.Later(Silo, Next);
                }

                return null;
            case "get_GrainFactory":
                return Factory();
            case "get_TimerRegistry":
                return _services.GetRequiredService<ITimerRegistry>();
            case "get_ServiceProvider":
                return _services;
            case "get_TimeProvider":
                return _orleans.World.Clock;
            default:
                throw new NotSupportedException($"IGrainRuntime.{method.Name}");
        }
    }

    /// <summary>The way to grains.</summary>
    public IGrainFactory Factory() => SimStub.Of<IGrainFactory>((method, args) =>
    {
        var type = method.GetGenericArguments()[0];
        var id = GrainId.Create(type.Name == "IBatchGrain" ? "batch" : "shard", (string)args[0]!);
        return typeof(SimOrleans).GetMethod(nameof(SimOrleans.Get))!.MakeGenericMethod(type).Invoke(_orleans, [id]);
    });
}

/// <summary>A timer of an activation.</summary>
internal sealed class SimTimer(TimeProvider clock, SimScheduler turns, Func<Task> callback) : IGrainTimer
{
    private ITimer? _next;
    private TimeSpan _period;
    private bool _isRunning;
    private bool _isDisposed;
    private TimeSpan? _changed;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period;
        if (_isRunning)
        {
            _changed = dueTime;
            return;
        }

        Arm(dueTime);
    }

    public void Dispose()
    {
        _isDisposed = true;
        _next?.Dispose();
    }

    private void Arm(TimeSpan dueTime)
    {
        _next?.Dispose();
        _next = _isDisposed || dueTime == Timeout.InfiniteTimeSpan
            ? null
            : clock.CreateTimer(_ => turns.Start(RunAsync), null, dueTime, Timeout.InfiniteTimeSpan);
    }

    private async Task RunAsync()
    {
        if (_isRunning || _isDisposed)
        {
            return;
        }

        _isRunning = true;
        _changed = null;
        try
        {
            await callback();
        }
        finally
        {
            _isRunning = false;
            Arm(_changed ?? _period);
        }
    }
}
