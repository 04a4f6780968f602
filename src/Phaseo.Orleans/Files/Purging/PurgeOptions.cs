using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Files.Purging;

/// <summary>When the bytes of dead files go. Section <c>Purge</c>.</summary>
public sealed class PurgeOptions
{
    /// <summary>How often deleted and expired files are looked for. Default: 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often uploads are looked for that never got a record. Default: 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan OrphanInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long an upload must have been seen without a record before it goes. Between the two lie a few calls that
    /// each give up after 30 seconds. Default: 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromHours(1);
}

[OptionsValidator]
internal sealed partial class PurgeOptionsValidator : IValidateOptions<PurgeOptions>;
