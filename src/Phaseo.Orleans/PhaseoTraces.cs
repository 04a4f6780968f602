using System.Diagnostics;

namespace Phaseo.Orleans;

/// <summary>
/// The source of the product's spans. A batch outlives every request and every process, so its spans do not follow calls:
/// each is a child of the span that created the batch, whose context is stored with the batch. What goes on after a
/// restart or a takeover also links to it. Nothing is made when nobody listens or the creating span was not sampled.
/// </summary>
/// <remarks>Ids may be tags here, unlike in metrics. Prompts, completions, keys and provider bodies never are.</remarks>
internal static class PhaseoTraces
{
    /// <summary>The source's name.</summary>
    public const string SourceName = "Phaseo.Orleans";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Starts a span as a child of a stored context; null: not traced.</summary>
    /// <param name="name">What happens, the same for all batches.</param>
    /// <param name="traceParent">The stored context, W3C form.</param>
    /// <param name="goesOn">Whether it goes on with what another activation had begun.</param>
    /// <param name="startedAt">When it started; default: now.</param>
    public static Activity? Start(string name, string? traceParent, bool goesOn = false, DateTimeOffset startedAt = default)
    {
        if (!IsOn || !ActivityContext.TryParse(traceParent, null, isRemote: true, out var created))
        {
            return null;
        }

        ActivityLink[]? links = goesOn ? [new(created)] : null;
        return Source.StartActivity(name, ActivityKind.Internal, created, null, links, startedAt);
    }

    /// <summary>Starts a span below another one of this process; it does not become the current one.</summary>
    public static Activity? StartBelow(Activity parent, string name, ActivityKind kind)
    {
        var before = Activity.Current;
        var span = Source.StartActivity(name, kind, parent.Context);
        Activity.Current = before;
        return span;
    }

    /// <summary>Says that what the span tells of failed.</summary>
    public static void Fail(this Activity span, string error)
    {
        span.SetTag("error.type", error);
        span.SetStatus(ActivityStatusCode.Error);
    }
}
