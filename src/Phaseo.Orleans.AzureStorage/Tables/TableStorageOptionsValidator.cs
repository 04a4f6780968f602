using Azure.Data.Tables;

namespace Phaseo.Orleans.AzureStorage.Tables;

/// <summary>Says at start what is missing, before anything calls the service.</summary>
/// <param name="options">What to check.</param>
/// <param name="name">Name of the provider, for the message.</param>
public abstract class TableStorageOptionsValidator<TOptions>(TOptions options, string? name) : IConfigurationValidator
    where TOptions : TableStorageOptions
{
    /// <summary>What to check.</summary>
    public TOptions Options { get; } = options;

    /// <summary>Name of the provider.</summary>
    public string? Name { get; } = name;

    /// <exception cref="OrleansConfigurationException">There is no client, or the table cannot have such a name.</exception>
    public virtual void ValidateConfiguration()
    {
        if (Options.CreateClient is null)
        {
            throw Invalid($"no {nameof(TableServiceClient)} is configured; set {nameof(TableStorageOptions.TableServiceClient)}.");
        }

        if (!TableKeys.IsTableName(Options.TableName))
        {
            throw Invalid($"{nameof(TableStorageOptions.TableName)} '{Options.TableName}' must be a letter and 2 to 62 letters and digits.");
        }
    }

    private OrleansConfigurationException Invalid(string fault) =>
        new($"{typeof(TOptions).Name} of provider '{Name}': {fault}");
}
