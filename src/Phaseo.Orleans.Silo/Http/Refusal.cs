namespace Phaseo.Orleans.Silo.Http;

/// <summary>A request that is answered with an error: the value that endpoints return and <see cref="WireErrors"/> writes.</summary>
/// <param name="Status">The HTTP status, 4xx or 5xx.</param>
/// <param name="Message">Names the thing and the bound; never a secret, a prompt or a completion.</param>
/// <param name="Param">The field's path, or null.</param>
/// <param name="Code">For programs, or null.</param>
internal sealed record Refusal(int Status, string Message, string? Param = null, string? Code = null) : IResult
{
    /// <summary>When it is worth trying again; header <c>Retry-After</c>. Null: nothing is said.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Tells SDKs not to try again by themselves (<c>x-should-retry: false</c>).</summary>
    public bool IsFinal { get; init; }

    /// <summary>A field whose value does not fit.</summary>
    public static Refusal Invalid(string param, string message, string code = "invalid_value") => new(400, message, param, code);

    /// <summary>A field that must be there.</summary>
    public static Refusal Missing(string param) =>
        new(400, $"Missing required parameter: '{param}'.", param, "missing_required_parameter");

    /// <summary>A field that is there twice.</summary>
    public static Refusal Duplicate(string param) => new(400, $"Duplicate parameter: '{param}'.", param, "duplicate_parameter");

    /// <summary>A number that is none or out of bounds.</summary>
    public static Refusal OutOfRange(string param, long min, long max) =>
        new(400, $"'{param}' must be an integer between {min} and {max}.", param, "integer_out_of_range");

    /// <summary>A field that nobody knows.</summary>
    public static Refusal Unknown(string param) => new(400, $"Unknown parameter: '{param}'.", param, "unknown_parameter");

    /// <summary>A field that the contract knows and this server does not serve.</summary>
    public static Refusal Unsupported(string param) =>
        new(400, $"The parameter '{param}' is not supported yet.", param, "unsupported_parameter");

    /// <summary>A file that is not there, not any more, or not this workspace's: the three look alike.</summary>
    public static Refusal NoSuchFile(string id) => new(404, $"No such File object: {Shown.Id(id)}", "id");

    /// <summary>A batch that is not there or not this workspace's: the two look alike.</summary>
    public static Refusal NoSuchBatch(string id) => new(404, $"No batch found with id '{Shown.Id(id)}'.", "batch_id");

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => WireErrors.WriteAsync(httpContext, this);
}
