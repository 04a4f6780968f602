using System.Collections.Concurrent;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// Batch grains without Orleans: what the contract of <see cref="IBatchGrain"/> says, and nothing that runs by itself.
/// Their storage outlives them, like a real one.
/// </summary>
internal sealed class BatchStubs(MemoryStores stores)
{
    /// <summary>The saved states by batch; an abandoned one too.</summary>
    public ConcurrentDictionary<string, BatchView> States { get; } = new();

    /// <summary>The reminders by batch.</summary>
    public ConcurrentDictionary<string, bool> Reminders { get; } = new();

    /// <summary>Who was driven, in order.</summary>
    public ConcurrentQueue<string> Driven { get; } = new();

    /// <summary>Called first by every drive.</summary>
    public Func<string, Task> OnDrive { get; set; } = _ => Task.CompletedTask;

    /// <summary>Where a batch's rows are.</summary>
    public Func<string, BatchProgress?> OnProgress { get; set; } = _ => throw new NotSupportedException("Stubs have no rows.");

    /// <summary>The live batches: those with a state that is not abandoned.</summary>
    public IEnumerable<BatchView> Live => States.Values.Where(batch => batch.Status != BatchStatus.Abandoned);

    public IBatchGrain Get(string id) => new Stub(this, stores, id);

    /// <summary>Changes a saved state, as a batch at work would.</summary>
    public void Change(string id, Func<BatchView, BatchView> change) =>
        States[id] = change(States[id]) with { Version = States[id].Version + 1 };

    /// <summary>Ends a batch with everything that its outbox does.</summary>
    public void Finish(string id, DateTimeOffset at)
    {
        Change(id, batch => batch with { Status = BatchStatus.Completed, CompletedAt = at });
        stores.Index[id] = BatchSnapshot.ToRow(States[id]);
        stores.References.TryRemove((States[id].Request.InputFileId, id), out _);
        stores.Open.TryRemove(id, out _);
        Reminders.TryRemove(id, out _);
    }

    private sealed class Stub(BatchStubs all, MemoryStores stores, string id) : IBatchGrain
    {
        public Task<BatchProgress?> GetProgressAsync() => Task.FromResult(all.OnProgress(id));

        public async Task<BatchView?> SubmitAsync(BatchSubmission submission)
        {
            if (!all.States.ContainsKey(id))
            {
                await stores.OnWrite("reminder", () => all.Reminders[id] = true);
                await stores.OnWrite("state", () => all.States.TryAdd(id, FirstState(submission)));
            }

            var state = all.States[id];
            if (state.Status == BatchStatus.Abandoned)
            {
                await stores.OnWrite("remove reminder", () => all.Reminders.TryRemove(id, out _));
                return null;
            }

            await stores.UpsertAsync(BatchSnapshot.ToRow(state), CancellationToken.None);
            return state;
        }

        public Task<BatchView?> GetAsync() => Task.FromResult(
            all.States.GetValueOrDefault(id) is { Status: not BatchStatus.Abandoned } state ? state : null);

        public Task<CancelResult> CancelAsync()
        {
            all.Change(id, batch => batch with { Status = BatchStatus.Cancelling });
            return Task.FromResult(new CancelResult(CancelOutcome.Accepted, all.States[id]));
        }

        public async Task DriveAsync()
        {
            await all.OnDrive(id);
            all.Driven.Enqueue(id);
            if (await GetAsync() is not { } batch)
            {
                return;
            }

            await stores.UpsertAsync(BatchSnapshot.ToRow(batch), CancellationToken.None);
            if (batch.Status.IsTerminal())
            {
                await stores.OnWrite("remove open", () => stores.Open.TryRemove(id, out _));
            }
        }

        public async Task<bool> AbandonAsync(string workspace)
        {
            await stores.OnWrite("abandon", () => all.States.TryAdd(id, Abandoned(workspace)));
            if (all.States[id].Status != BatchStatus.Abandoned)
            {
                return false;
            }

            await stores.OnWrite("remove reminder", () => all.Reminders.TryRemove(id, out _));
            return true;
        }

        public Task<bool> ReportAsync(ShardReport report) => throw new NotSupportedException("Stubs have no shards.");

        private BatchView FirstState(BatchSubmission submission) => new()
        {
            Id = id,
            Workspace = submission.Workspace,
            Version = 1,
            Status = BatchStatus.Validating,
            Request = submission.Request,
            RequestId = submission.RequestId,
            CreatedAt = submission.CreatedAt,
            ExpiresAt = submission.CreatedAt + submission.Request.Window,
        };

        private BatchView Abandoned(string workspace) => new()
        {
            Id = id,
            Workspace = workspace,
            Version = 1,
            Status = BatchStatus.Abandoned,
            Request = new() { InputFileId = "", Endpoint = "", CompletionWindow = "", Window = TimeSpan.Zero },
            RequestId = "",
            CreatedAt = default,
            ExpiresAt = default,
        };
    }
}
