using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary><c>azure_reminder.json</c> is what Orleans' own package stored for this reminder.</summary>
public sealed class StoredReminderTests(Azurite azurite)
{
    private const string Golden = "azure_reminder.json";

    [Fact]
    public async Task A_reminder_is_stored_as_the_golden_has_it()
    {
        var scene = await ReminderScene.CreateAsync(azurite);

        await scene.Reminders.UpsertRow(ReminderScene.Entry("k31717"), TestContext.Current.CancellationToken);

        StoredGolden.Check(Golden, await StoredRows.WriteAsync(scene.Rows));
    }

    [Fact]
    public async Task A_reminder_is_read_from_every_golden()
    {
        foreach (var rows in StoredGolden.ReadAll(Golden))
        {
            var scene = await ReminderScene.CreateAsync(azurite);
            await StoredRows.ReadAsync(scene.Rows, rows);

            var read = Assert.Single((await scene.Reminders.ReadRows(0, 0, TestContext.Current.CancellationToken)).Reminders);

            Assert.Equal(
                (GrainId.Create("ping", "k31717"), "r", ReminderScene.Start, TimeSpan.FromMinutes(1)),
                (read.GrainId, read.ReminderName, read.StartAt, read.Period));
            Assert.True(await scene.Reminders.RemoveRow(read.GrainId, "r", read.ETag!, TestContext.Current.CancellationToken));
        }
    }
}
