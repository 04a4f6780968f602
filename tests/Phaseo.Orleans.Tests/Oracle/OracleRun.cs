using System.Globalization;
using System.Text;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Oracle;

/// <summary>
/// The traces of a run that kept its promises, for tests to spoil: a batch of four rows, the third called twice, the
/// fourth refused with 400.
/// </summary>
internal sealed class OracleRun : IDisposable
{
    private const string BatchId = "batch_1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oracle-");
    private readonly string[] _bodies = ["""{"a":1}""", """{"a":2}""", """{"a":3}""", """{"a":4}"""];

    public OracleRun()
    {
        Call(1, row: 0, attempt: 1);
        Call(2, row: 1, attempt: 1);
        Call(3, row: 2, attempt: 1);
        Call(4, row: 2, attempt: 2);
        Call(5, row: 3, attempt: 1);
        Output = [Line(0, 200, call: 1), Line(1, 200, call: 2), Line(2, 200, call: 4)];
        Errors = [Line(3, 400, call: 5)];
        var running = new BatchReading { Status = "in_progress", Total = 4, Completed = 1 };
        var done = running with
        {
            Status = "completed",
            Completed = 3,
            Failed = 1,
            OutputFileId = "file-o",
            ErrorFileId = "file-e",
            InputTokens = 30,
            OutputTokens = 6,
            CostNanos = 3 * ((10 * 250) + 1_001),
        };
        Seen = [running, done, done];
    }

    public List<LoggedCall> Calls { get; } = [];

    public List<string> Output { get; set; }

    public List<string> Errors { get; set; }

    public List<BatchReading> Seen { get; }

    public string? FirstOutput { get; set; }

    public string LastLineEnd { get; set; } = "\n";

    public OracleBounds Bounds { get; set; } = new()
    {
        // An output token costs 500.25 nanos: a row's two cost 1,000.5, rounded half up to 1,001.
        Prices = new PriceTable([
            new PriceRule(Meter.InputTokens, 1_000_000, 0.25m, PricePlan.Standard),
            new PriceRule(Meter.OutputTokens, 1_000_000_000, 500.25m, PricePlan.Standard),
        ]),
    };

    /// <summary>The last read, changed.</summary>
    public void Last(Func<BatchReading, BatchReading> change) => Seen[^1] = Seen[^2] = change(Seen[^1]);

    public void Call(long serial, int row, int attempt, int? body = null) =>
        Calls.Add(new LoggedCall(serial, $"batch_req_{row}", attempt, Hash(body ?? row), EchoFault.None));

    public string Line(int row, int status, long call, int? echo = null) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"id":"batch_req_{{row}}","custom_id":"r{{row}}","response":{"status_code":{{status}},"request_id":null,"body":
         {"usage":{"prompt_tokens":10,"completion_tokens":2},"echo":"{{Hash(echo ?? row):x16}}","call":"{{call}}"} },"error":null}
        """).ReplaceLineEndings("");

    public static string Unanswered(int row, string code) =>
        $$"""{"id":"batch_req_{{row}}","custom_id":"r{{row}}","response":null,"error":{"code":"{{code}}","message":"No answer."} }""";

    public IReadOnlyList<Violation> Check()
    {
        var rows = _bodies.Select((body, row) => $$"""{"custom_id":"r{{row}}","method":"POST","url":"/v1/chat/completions","body":{{body}} }""");
        var evidence = new BatchEvidence
        {
            BatchId = BatchId,
            InputPath = Write("input", string.Join("\r\n\n", rows)),
            Seen = Seen,
            OutputPath = Output.Count == 0 ? null : Write("output", string.Join('\n', Output) + LastLineEnd),
            ErrorPath = Errors.Count == 0 ? null : Write("errors", string.Join('\n', Errors) + "\n"),
            FirstOutputPath = FirstOutput is null ? null : Write("first", FirstOutput),
        };
        return BatchOracle.Check([evidence], Calls, Bounds);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private ulong Hash(int row) => BodyHashes.Raw(Encoding.UTF8.GetBytes(_bodies[row]));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
