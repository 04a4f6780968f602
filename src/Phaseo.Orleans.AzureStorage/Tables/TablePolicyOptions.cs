namespace Phaseo.Orleans.AzureStorage.Tables;

/// <summary>
/// Settings that Orleans' providers had for retries. They are here so that a configuration which sets them stays valid;
/// only <see cref="MaxBulkUpdateRows"/> has an effect, as retries and time-outs are the client's
/// (<see cref="TableStorageOptions.ClientOptions"/>).
/// </summary>
public abstract class TablePolicyOptions
{
    internal const int TransactionLimit = 100;

    /// <summary>Rows of one transaction when many are deleted: 1 to 100, the service's limit. Default: 100.</summary>
    public int MaxBulkUpdateRows { get; set; } = TransactionLimit;

    /// <summary>No effect. Default: 60.</summary>
    public int MaxCreationRetries { get; set; } = 60;

    /// <summary>No effect. Default: 5.</summary>
    public int MaxOperationRetries { get; set; } = 5;

    /// <summary>No effect. Default: 1 second.</summary>
    public TimeSpan PauseBetweenCreationRetries { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>No effect. Default: 0.8 seconds.</summary>
    public TimeSpan PauseBetweenOperationRetries { get; set; } = TimeSpan.FromMilliseconds(800);

    /// <summary>No effect. Default: 1 minute.</summary>
    public TimeSpan MaxPauseBetweenOperationRetries { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>No effect. Default: 1 minute.</summary>
    public TimeSpan CreationTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>No effect. Default: 100 seconds.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(100);
}
