using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Batches;

/// <summary>The bounds and paces of the batch engine. Section <c>Batches</c>.</summary>
public sealed class BatchOptions
{
    /// <summary>False: batch and file routes answer 501; accepted batches run on. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Upstream calls at once on this silo. Default: 64.</summary>
    [Range(1, 100_000)]
    public int MaxConcurrentCalls { get; set; } = 64;

    /// <summary>Rows of one input file at most. Default: 50,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxRows { get; set; } = 50_000;

    /// <summary>Bytes of one input file at most. Default: 209,715,200.</summary>
    [Range(1, 8L * 1024 * 1024 * 1024)]
    public long MaxFileBytes { get; set; } = 209_715_200;

    /// <summary>How long calls in flight may go on after a cancel. Default: 45 seconds.</summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long calls in flight may go on after the deadline. Default: 2 seconds.</summary>
    public TimeSpan ExpiryGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one upstream call may take in all. Default: 10 minutes.</summary>
    public TimeSpan CallLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long one upstream call may be silent. Default: 2 minutes.</summary>
    public TimeSpan CallIdleLimit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a connection to a provider may take to be made. Default: 15 seconds.</summary>
    public TimeSpan ConnectLimit { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes of one answer at most. Default: 16 MiB.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxAnswerBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Bytes of one answer of <c>/v1/images/generations</c> at most. Default: 64 MiB.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxImageAnswerBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Rounds over all offers before a row gives up. Default: 8.</summary>
    [Range(1, 100)]
    public int MaxRounds { get; set; } = 8;

    /// <summary>The wait before the second round; it doubles from there. Default: 1 second.</summary>
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between rounds, unless a provider asks for more. Default: 60 seconds.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest <c>Retry-After</c> that is honoured. Default: 1 hour.</summary>
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often a live batch checks its shards and says that it lives. Default: 5 seconds.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The share of rows whose calls have spans, where a batch is traced at all: 0 none, 1 all. A span costs about as
    /// much as a call's own bookkeeping. Default: 0.
    /// </summary>
    [Range(0.0, 1.0)]
    public double RowSpanShare { get; set; }

    /// <summary>The least time between two saves that only move the counts. Default: 1 second.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromSeconds(1);
}

[OptionsValidator]
internal sealed partial class BatchOptionsValidator : IValidateOptions<BatchOptions>;
