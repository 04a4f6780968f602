using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.LoadTests.Processes;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>
/// <c>validate</c>: validates one stored file again and again with the silo's own service; prints a
/// <see cref="RunResult"/> in megabytes for each pass after those before.
/// </summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var arguments = new EngineArguments();
        var folder = new Option<string>("--folder") { Required = true, Description = "Where the silo keeps its data; removed at the end." };
        var input = new Option<string>("--input") { Required = true, Description = "The rows." };
        var rows = new Option<int>("--rows") { Required = true, Description = "How many there are." };
        var passes = new Option<int>("--passes") { DefaultValueFactory = _ => 5, Description = "Passes to measure." };
        var command = new Command("validate", "The validation of an input, measured.") { folder, input, rows, passes };
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = arguments.Hold(parsed, cancellation);
            var options = arguments.Read(parsed, parsed.GetValue(folder)!);
            var path = parsed.GetValue(input)!;
            try
            {
                await using var host = await EngineHost.StartAsync(options, held.Ended);
                var file = await new EngineClient(host.Services).UploadAsync(path, held.Ended);
                var batch = Submitted(file, new FileInfo(path).Length, parsed.GetValue(rows));
                var before = 1 + (arguments.WarmUpRows(parsed) / parsed.GetValue(rows));
                for (var pass = 0; pass < before + parsed.GetValue(passes); pass++)
                {
                    var result = await PassAsync(host.Services, batch, held.Ended);
                    if (pass >= before)
                    {
                        result.Print();
                    }
                }
            }
            finally
            {
                Directory.Delete(options.Folder, recursive: true);
            }
        });
        return command;
    }

    private static BatchState Submitted(string file, long bytes, int rows)
    {
        var now = TimeProvider.System.GetUtcNow();
        var submission = new BatchSubmission
        {
            Workspace = EngineClient.Workspace,
            Request = new BatchRequest
            {
                InputFileId = file,
                Endpoint = EngineClient.Chat,
                CompletionWindow = "24h",
                Window = TimeSpan.FromHours(24),
            },
            InputBlob = BlobNames.Upload(EngineClient.Workspace, file),
            InputBytes = bytes,
            InputLines = rows,
            RequestId = Ids.NewRequest(now),
            CreatedAt = now,
        };
        return BatchTransitions.Apply(new BatchState(), new BatchEvent.Submitted(Ids.NewBatch(now), submission));
    }

    private static async Task<RunResult> PassAsync(IServiceProvider services, BatchState batch, CancellationToken cancellation)
    {
        var meter = new ProcessMeter();
        var answer = await services.GetRequiredService<BatchValidation>().ValidateAsync(batch, cancellation);
        var result = meter.Stop(batch.Submission!.InputBytes / 1_000_000.0);
        return answer is BatchEvent.Validated valid && valid.Rows == batch.Submission.InputLines
            ? result
            : throw new InvalidOperationException($"The validation ended as {answer.GetType().Name}.");
    }
}
