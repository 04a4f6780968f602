using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>
/// Rows as Orleans' own providers have written them: <c>azure_state.json</c> is what the official package stored for this
/// grain.
/// </summary>
public sealed class StoredStateTests(Azurite azurite)
{
    private const string Json = """{"$id":"1","$type":"PingState, killtest","N":1}""";

    [Theory]
    [InlineData("azure_state.json", false)]
    [InlineData("azure_state_text.json", true)]
    public async Task A_state_is_stored_as_the_golden_has_it(string golden, bool asText)
    {
        var scene = await StateScene.CreateAsync(await azurite.AccountAsync(), options => options.UseStringFormat = asText);

        await scene.WriteAsync(Json);

        StoredGolden.Check(golden, await StoredRows.WriteAsync(scene.Table));
    }

    [Fact]
    public async Task A_cleared_state_is_stored_as_the_golden_has_it()
    {
        var scene = await StateScene.CreateAsync(await azurite.AccountAsync());
        var state = await scene.WriteAsync(Json);

        await scene.Storage.ClearStateAsync(StateScene.State, StateScene.Grain, state);

        StoredGolden.Check("azure_state_cleared.json", await StoredRows.WriteAsync(scene.Table));
    }

    [Theory]
    [InlineData("azure_state.json", Json)]
    [InlineData("azure_state_text.json", Json)]
    [InlineData("azure_state_cleared.json", "")]
    public async Task A_state_is_read_from_every_golden(string golden, string text)
    {
        foreach (var rows in StoredGolden.ReadAll(golden))
        {
            var scene = await StateScene.CreateAsync(await azurite.AccountAsync());
            await StoredRows.ReadAsync(scene.Table, rows);

            var state = await scene.ReadAsync();

            Assert.Equal((text, text.Length > 0), (state.State!.Text, state.RecordExists));
            Assert.NotNull(state.ETag);
        }
    }
}
