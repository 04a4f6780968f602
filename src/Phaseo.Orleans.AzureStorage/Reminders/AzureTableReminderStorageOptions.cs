namespace Orleans.Reminders.AzureStorage;

/// <summary>Options of reminders on Azure Tables.</summary>
public class AzureTableReminderStorageOptions : AzureStorageOperationOptions
{
#pragma warning disable CA1707 // The name that Orleans' own package has.
    public const string DEFAULT_TABLE_NAME = "OrleansReminders";
#pragma warning restore CA1707

    /// <summary>Default: OrleansReminders.</summary>
    public override string TableName { get; set; } = DEFAULT_TABLE_NAME;
}

/// <inheritdoc/>
public class AzureTableReminderStorageOptionsValidator(AzureTableReminderStorageOptions options, string name)
    : AzureStorageOperationOptionsValidator<AzureTableReminderStorageOptions>(options, name);
