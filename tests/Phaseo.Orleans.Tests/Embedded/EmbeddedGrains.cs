using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Embedded;

/// <summary>A grain that keeps a note, for the tests of grain storage and reminders.</summary>
[GrainInterfaceType("test-note"), Alias("test-note")]
public interface INoteGrain : IGrainWithStringKey
{
    [Alias("get")]
    Task<(string? Text, string? Etag, bool Exists)> GetAsync();

    [Alias("set")]
    Task SetAsync(string text);

    [Alias("clear")]
    Task ClearAsync();

    [Alias("remind")]
    Task RemindAsync(string name);

    [Alias("has-reminder")]
    Task<bool> HasReminderAsync(string name);

    [Alias("forget")]
    Task ForgetAsync(string name);
}

[GenerateSerializer, Alias("test-note.state")]
public sealed record NoteState
{
    [Id(0)] public string? SomeText { get; set; }

    [Id(1)] public DayOfWeek Day { get; set; } = DayOfWeek.Friday;
}

[GrainType("test-note")]
public sealed class NoteGrain([PersistentState("test-note", GrainStorageNames.Phaseo)] IPersistentState<NoteState> note)
    : Grain, INoteGrain, IRemindable
{
    public Task<(string? Text, string? Etag, bool Exists)> GetAsync() =>
        Task.FromResult((note.State.SomeText, (string?)note.Etag, note.RecordExists));

    public Task SetAsync(string text)
    {
        note.State.SomeText = text;
        return note.WriteStateAsync();
    }

    public Task ClearAsync() => note.ClearStateAsync();

    public Task RemindAsync(string name) =>
        this.RegisterOrUpdateReminder(name, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1));

    public async Task<bool> HasReminderAsync(string name) => await this.GetReminder(name) is not null;

    public async Task ForgetAsync(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}
