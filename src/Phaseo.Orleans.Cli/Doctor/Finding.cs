using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Cli.Doctor;

/// <summary>What one check found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Level">How it stands.</param>
/// <param name="Message">What was found and, unless all is well, what to do.</param>
internal sealed record Finding(string Check, FindingLevel Level, string Message)
{
    /// <summary>All is well.</summary>
    public static Finding Ok(string check, string message) => new(check, FindingLevel.Ok, message);

    /// <summary>Something may surprise.</summary>
    public static Finding Warn(string check, string message) => new(check, FindingLevel.Warn, message);

    /// <summary>It will not work.</summary>
    public static Finding Fail(string check, string message) => new(check, FindingLevel.Fail, message);
}

/// <summary>How a check stands.</summary>
internal enum FindingLevel
{
    /// <summary>All is well.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok = 0,

    /// <summary>Works, and may surprise.</summary>
    [JsonStringEnumMemberName("warn")]
    Warn = 1,

    /// <summary>Will not work.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail = 2,
}
