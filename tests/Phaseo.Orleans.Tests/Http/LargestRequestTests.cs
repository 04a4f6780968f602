using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

/// <summary>The largest create that the contract allows: its batch fits into its row, whatever becomes of it.</summary>
public sealed class LargestRequestTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static readonly string[] Characters = ["a", "\"", "\\", "\n", "\u0001", "\u001c", "\u007f", "\u2028", "\U0001F989"];

    private static readonly string[] Statuses =
        ["Validating", "InProgress", "Cancelling", "Finalizing", "Completed", "Cancelled", "Expired", "Failed"];

    public static TheoryData<string> Texts => [.. Characters];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Request_of_any_characters_is_taken_echoed_and_bounded_at_every_status(string character)
    {
        var input = await silo.Client.UploadAsync(EngineSilo.Rows(1, "sim/slow"));

        using var response = await silo.Client.PostJsonAsync("/v1/batches", Body(input, character));
        using var created = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var id = created.Text("id")!;
        Assert.Equal(Metadata(character), Metadata(created.RootElement));
        using var read = await silo.Client.GetAsync($"/v1/batches/{id}", TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal(Metadata(character), Metadata(read.RootElement));
        Assert.Equal(Repeat(character, 256), read.Text("session_id"));
        var submission = (await StateAsync(id)).Submission!;
        foreach (var status in Statuses)
        {
            var room = status == "InProgress" ? BatchSaver.MaxStoredBytes - BatchSaver.ReservedBytes : BatchSaver.MaxStoredBytes;
            var bytes = JsonSerializer.SerializeToUtf8Bytes(LargestBatch.Of(status, submission), GrainStateJson.Options).Length;
            Assert.True(bytes <= room, $"{status} has {bytes} bytes; {room} are allowed.");
        }
    }

    [Theory]
    [InlineData("order", "o", 33, "provider.order", "'provider.order' must have at most 32 entries.")]
    [InlineData("only", "p", 33, "provider.only", "'provider.only' must have at most 32 entries.")]
    [InlineData("ignore", "a b", 2, "provider.ignore[0]", "'provider.ignore[0]' may hold letters, digits, '-', '_' and '.'.")]
    [InlineData("only", "", 1, "provider.only[0]", "'provider.only[0]' must have 1 to 64 characters.")]
    [InlineData("only", "ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp", 1, "provider.only[0]", "'provider.only[0]' must have 1 to 64 characters.")]
    public async Task Policy_beyond_its_bounds_is_refused_by_the_name_of_its_field(string list, string id, int count, string param, string message)
    {
        var ids = string.Join(',', Enumerable.Repeat($"\"{id}\"", count));

        using var response = await silo.Client.PostJsonAsync(
            "/v1/batches", $"{{\"input_file_id\":\"file-1\",\"endpoint\":\"/v1/chat/completions\",\"provider\":{{\"{list}\":[{ids}]}}}}");
        using var error = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal((param, message, "invalid_value"), (error.Error("param"), error.Error("message"), error.Error("code")));
    }

    private async Task<BatchState> StateAsync(string id)
    {
        var state = new GrainState<BatchState>(new());
        await silo.Services.GetRequiredKeyedService<IGrainStorage>(GrainStorageNames.Phaseo)
            .ReadStateAsync("batch", GrainId.Create("batch", id), state);
        return state.State!;
    }

    private static string Body(string input, string character) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["input_file_id"] = input,
        ["endpoint"] = "/v1/chat/completions",
        ["completion_window"] = "43200m",
        ["metadata"] = Metadata(character),
        ["session_id"] = Repeat(character, 256),
        ["output_expires_after"] = new { anchor = "created_at", seconds = 2_592_000 },
        ["provider"] = new
        {
            order = Ids('o'),
            only = Ids('p').Take(31).Append("sleeper"),
            ignore = Ids('i'),
            allow_fallbacks = true,
            max_price = new { prompt = Amount, completion = Amount, image = Amount, audio = Amount, request = Amount },
        },
    });

    // The longest that a decimal can hold.
    private static string Amount => "7.9228162514264337593543950335";

    private static IEnumerable<string> Ids(char letter) => Enumerable.Range(0, 32).Select(n => $"{new string(letter, 62)}{n:D2}");

    private static Dictionary<string, string> Metadata(string character) => Enumerable.Range(0, 16).ToDictionary(
        n => $"{Repeat(character, 62)}{n:D2}", _ => Repeat(character, 512));

    private static Dictionary<string, string> Metadata(JsonElement batch) =>
        batch.GetProperty("metadata").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!);

    private static string Repeat(string character, int times) => string.Concat(Enumerable.Repeat(character, times));
}
