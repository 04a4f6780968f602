using Microsoft.Extensions.Options;
using Orleans.Reminders.AzureStorage;

namespace Orleans.Hosting;

/// <summary>Adds reminders on Azure Tables.</summary>
public static class AzureStorageReminderSiloBuilderExtensions
{
    public static ISiloBuilder UseAzureTableReminderService(
        this ISiloBuilder builder, Action<AzureTableReminderStorageOptions> configure)
    {
        builder.Services.UseAzureTableReminderService(configure);
        return builder;
    }

    public static ISiloBuilder UseAzureTableReminderService(
        this ISiloBuilder builder, Action<OptionsBuilder<AzureTableReminderStorageOptions>> configureOptions)
    {
        builder.Services.UseAzureTableReminderService(configureOptions);
        return builder;
    }

    /// <summary>Adds reminders in the account of a connection string or a URI.</summary>
    public static ISiloBuilder UseAzureTableReminderService(this ISiloBuilder builder, string connectionString)
    {
        builder.Services.UseAzureTableReminderService(connectionString);
        return builder;
    }
}
