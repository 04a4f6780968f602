using Microsoft.Extensions.Configuration;
using Orleans.Providers;
using Phaseo.Orleans.AzureStorage.Configuration;

[assembly: RegisterProvider("AzureTableStorage", "Reminders", "Silo", typeof(AzureTableReminderProviderBuilder))]

namespace Phaseo.Orleans.AzureStorage.Configuration;

/// <summary>Adds reminders on Azure Tables from <c>Orleans:Reminders</c>.</summary>
internal sealed class AzureTableReminderProviderBuilder : IProviderBuilder<ISiloBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseAzureTableReminderService(options => options.Configure<IServiceProvider>((table, services) =>
            configurationSection.ApplyTo(table, services)));
}
