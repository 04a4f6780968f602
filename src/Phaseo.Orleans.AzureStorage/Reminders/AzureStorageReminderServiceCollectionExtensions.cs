using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Reminders.AzureStorage;
using Orleans.Runtime.ReminderService;
using Phaseo.Orleans.AzureStorage.Tables;

namespace Orleans.Hosting;

/// <summary>Adds reminders on Azure Tables.</summary>
public static class AzureStorageReminderServiceCollectionExtensions
{
    public static IServiceCollection UseAzureTableReminderService(
        this IServiceCollection services, Action<AzureTableReminderStorageOptions> configure) =>
        services.UseAzureTableReminderService(options => options.Configure(configure));

    public static IServiceCollection UseAzureTableReminderService(
        this IServiceCollection services, Action<OptionsBuilder<AzureTableReminderStorageOptions>> configureOptions)
    {
        services.AddReminders();
        services.AddSingleton<IReminderTable, AzureBasedReminderTable>();
        configureOptions(services.AddOptions<AzureTableReminderStorageOptions>());
        services.ConfigureFormatter<AzureTableReminderStorageOptions>();
        return services.AddTransient<IConfigurationValidator>(provider => new AzureTableReminderStorageOptionsValidator(
            provider.GetRequiredService<IOptions<AzureTableReminderStorageOptions>>().Value, Options.DefaultName));
    }

    /// <summary>Adds reminders in the account of a connection string or a URI.</summary>
    public static IServiceCollection UseAzureTableReminderService(this IServiceCollection services, string connectionString) =>
        services.UseAzureTableReminderService((AzureTableReminderStorageOptions options) =>
            options.TableServiceClient = TableClients.Create(connectionString));
}
