using Phaseo.Orleans.AzureStorage.Tables;

namespace Orleans.Reminders.AzureStorage;

/// <inheritdoc/>
public class AzureStorageOperationOptions : TableStorageOptions
{
    /// <inheritdoc cref="TablePolicyOptions"/>
    public AzureStoragePolicyOptions StoragePolicyOptions { get; } = new();

    internal override TablePolicyOptions Policy => StoragePolicyOptions;
}

/// <inheritdoc/>
public class AzureStoragePolicyOptions : TablePolicyOptions;

/// <inheritdoc/>
public class AzureStorageOperationOptionsValidator<TOptions>(TOptions options, string? name = null)
    : TableStorageOptionsValidator<TOptions>(options, name)
    where TOptions : AzureStorageOperationOptions;
