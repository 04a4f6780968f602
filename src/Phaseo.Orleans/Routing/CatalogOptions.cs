using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Routing;

/// <summary>Where the catalog comes from. Section <c>Catalog</c>.</summary>
public sealed class CatalogOptions
{
    /// <summary>The catalog file; null: the one that ships with the product. Default: null.</summary>
    public string? Path { get; set; }

    /// <summary>How often the file is looked at. Default: 2 seconds.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether providers of kind <c>simulator</c> take part. The host says no where real answers are expected.
    /// Default: true.
    /// </summary>
    public bool AllowSimulator { get; set; } = true;
}

internal sealed class CatalogOptionsValidator : IValidateOptions<CatalogOptions>
{
    public ValidateOptionsResult Validate(string? name, CatalogOptions options) =>
        options.PollInterval >= TimeSpan.FromMilliseconds(10) && options.PollInterval <= TimeSpan.FromHours(1)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("The field CatalogOptions.PollInterval must be between 10 milliseconds and 1 hour.");
}
