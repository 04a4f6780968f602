using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Cli.Doctor;

/// <summary>Whether the catalog can be read, and who of it takes part.</summary>
internal static class CatalogCheck
{
    /// <summary>Looks at a file; null: the catalog that ships.</summary>
    public static IEnumerable<Finding> Run(string? path, Func<string, string?> environment)
    {
        var name = path ?? "the catalog that ships";
        var (catalog, errors) = Read(path);
        if (catalog is null)
        {
            return errors.Select(error => Finding.Fail("catalog", $"{name}: {error}"));
        }

        var keys = new ProviderKeys(environment);
        var silent = catalog.Providers.Where(provider => !keys.Has(provider)).ToArray();
        var serving = catalog.Offers.Where(offer => keys.Has(offer.Provider)).ToArray();
        return
        [
            Finding.Ok("catalog", $"{name}: {catalog.Providers.Length} providers, {catalog.Offers.Length} offers"),
            .. silent.Select(provider => Finding.Warn("key", $"{provider.Id} takes no part: {provider.ApiKeyEnv} is not set")),
            Judge(serving),
        ];
    }

    private static Finding Judge(Offer[] serving)
    {
        if (serving.Length == 0)
        {
            return Finding.Fail("models", "no model can be served: set the key of a provider");
        }

        var models = serving.Select(offer => offer.Model).Distinct(StringComparer.Ordinal).Count();
        return serving.All(offer => offer.Provider.Kind == ProviderKind.Simulator)
            ? Finding.Warn("models", $"{models} models, all of the simulator (run and development only): no real answers without a provider's key")
            : Finding.Ok("models", $"{models} models can be served");
    }

    private static (Catalog? Catalog, IReadOnlyList<string> Errors) Read(string? path)
    {
        try
        {
            var (catalog, errors) = CatalogFile.Parse(path is null ? CatalogFile.ReadDefault() : File.ReadAllBytes(path));
            return (catalog, errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, [e.Message]);
        }
    }
}
