using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Batches.Driving;

/// <summary>How open batches are kept going and what is left over is found. Section <c>Driver</c>.</summary>
public sealed class DriverOptions
{
    /// <summary>How often batches are looked for whose heart has stopped. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A live batch beats every 5 seconds; one not heard of for this long is driven. Default: 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Batches looked at a time. Default: 32.</summary>
    [Range(1, 1_000)]
    public int Parallelism { get; set; } = 32;

    /// <summary>
    /// A create without a first state is given up after this long. Far above the 60 seconds after which a claim is
    /// taken over, so that a takeover usually keeps its id. Default: 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:02:00", "1.00:00:00")]
    public TimeSpan AbandonAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often leftovers that no open row tells of are looked for. Default: 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan CleanUpInterval { get; set; } = TimeSpan.FromMinutes(5);
}

[OptionsValidator]
internal sealed partial class DriverOptionsValidator : IValidateOptions<DriverOptions>;
