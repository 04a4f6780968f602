using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Cluster;

/// <summary>
/// How long a silo that is told to stop may take. Together these are the most that it takes; whoever kills silos that do
/// not end should wait for longer. Section <c>Drain</c>.
/// </summary>
public sealed class DrainOptions
{
    /// <summary>
    /// How long calls in flight may go on. Those that take longer are dropped and made again by another silo, under
    /// another attempt number. Default: 25 seconds, with embedded storage 2 seconds, as no other silo could go on.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan CallLimit { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long shards may take after that to write down what came and to hand back. Default: 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan FlushLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the silo may take to leave the cluster after that. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan LeaveLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most that a stop takes.</summary>
    internal TimeSpan Total => CallLimit + FlushLimit + LeaveLimit;
}

[OptionsValidator]
internal sealed partial class DrainOptionsValidator : IValidateOptions<DrainOptions>;
