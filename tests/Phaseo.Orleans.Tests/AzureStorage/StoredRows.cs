using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>
/// Rows of a table as golden files have them: every column with its type, in order of names. Bytes are shown as the UTF-8
/// text that they are.
/// </summary>
internal static class StoredRows
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly string[] MadeByTheService = ["odata.etag", "Timestamp"];

    public static async Task<string> WriteAsync(TableClient table)
    {
        var rows = new JsonArray();
        await foreach (var row in table.QueryAsync<TableEntity>())
        {
            var columns = row.Where(column => !MadeByTheService.Contains(column.Key)).OrderBy(column => column.Key, StringComparer.Ordinal);
            rows.Add(new JsonObject(columns.Select(column => KeyValuePair.Create(column.Key, (JsonNode?)Write(column.Value)))));
        }

        using var document = JsonDocument.Parse(rows.ToJsonString());
        return Golden.Text(document.RootElement);
    }

    public static async Task ReadAsync(TableClient table, string rows)
    {
        await table.CreateIfNotExistsAsync();
        foreach (var row in JsonNode.Parse(rows)!.AsArray())
        {
            await table.AddEntityAsync(new TableEntity(row!.AsObject().ToDictionary(column => column.Key, column => Read(column.Value!.AsObject()))));
        }
    }

    private static JsonObject Write(object value) => value switch
    {
        string text => new JsonObject { ["string"] = text },
        byte[] bytes => new JsonObject { ["binary"] = Utf8.GetString(bytes) },
        _ => throw new NotSupportedException($"{value.GetType()} is not in the stored format."),
    };

    private static object Read(JsonObject value) =>
        value["string"] is { } text ? text.GetValue<string>() : Utf8.GetBytes(value["binary"]!.GetValue<string>());
}
