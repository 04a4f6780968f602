using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Observability;

/// <summary>Views of batches for tests of what operators see.</summary>
internal static class Views
{
    /// <summary>A batch of 10 rows, 4 of them done, a minute old and with an hour to go.</summary>
    public static BatchView InProgress(DateTimeOffset now) => new()
    {
        Id = "batch_01m6gvhc3gtsg1hf5m757zrchh",
        Workspace = "ws",
        Version = 3,
        Status = BatchStatus.InProgress,
        Request = new() { InputFileId = "file-1", Endpoint = "/v1/chat/completions", CompletionWindow = "1h", Window = TimeSpan.FromHours(1) },
        RequestId = "req_1",
        Total = 10,
        Completed = 3,
        Failed = 1,
        CreatedAt = now.AddMinutes(-1),
        ExpiresAt = now.AddHours(1),
    };
}
