using Orleans.Persistence.AzureStorage;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Options of grain storage on Azure Tables.</summary>
public class AzureTableStorageOptions : AzureStorageOperationOptions, IStorageProviderSerializerOptions
{
#pragma warning disable CA1707 // The names that Orleans' own package has.
    public const string DEFAULT_TABLE_NAME = "OrleansGrainState";

    public const int DEFAULT_INIT_STAGE = ServiceLifecycleStage.ApplicationServices;
#pragma warning restore CA1707

    /// <summary>Default: OrleansGrainState.</summary>
    public override string TableName { get; set; } = DEFAULT_TABLE_NAME;

    /// <summary>Whether clearing a state deletes its row. If not, an empty row with an etag remains. Default: false.</summary>
    public bool DeleteStateOnClear { get; set; }

    /// <summary>
    /// Whether to store text instead of bytes, for people to read; it halves what fits. The serializer must write UTF-8.
    /// Both forms are read, whatever this says. Default: false.
    /// </summary>
    public bool UseStringFormat { get; set; }

    /// <summary>Stage of the silo's life at which the table is opened. Default: application services.</summary>
    public int InitStage { get; set; } = DEFAULT_INIT_STAGE;

    /// <summary>
    /// What makes bytes of a state. Default: the keyed service with the provider's name, or else the unkeyed one.
    /// </summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
}

/// <inheritdoc/>
public class AzureTableGrainStorageOptionsValidator(AzureTableStorageOptions options, string name)
    : AzureStorageOperationOptionsValidator<AzureTableStorageOptions>(options, name);
