namespace Phaseo.Orleans.Storage;

/// <summary>One of Orleans' reminder tables, with outages said as in every home.</summary>
public sealed class GuardedReminderTable(IReminderTable inner, IStorageOutages outages) : IReminderTable
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId) => outages.GuardAsync(() => inner.ReadRows(grainId));

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(uint begin, uint end) => outages.GuardAsync(() => inner.ReadRows(begin, end));

    /// <inheritdoc/>
    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        outages.GuardAsync(() => inner.ReadRow(grainId, reminderName));

    /// <inheritdoc/>
    public Task<string?> UpsertRow(ReminderEntry entry) => outages.GuardAsync(() => inner.UpsertRow(entry));

    /// <inheritdoc/>
    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        outages.GuardAsync(() => inner.RemoveRow(grainId, reminderName, eTag));

    /// <inheritdoc/>
    public Task TestOnlyClearTable() => outages.GuardAsync(inner.TestOnlyClearTable);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken = default) => inner.StopAsync(cancellationToken);
}
