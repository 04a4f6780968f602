using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using Orleans.Reminders.AzureStorage;
using Orleans.Runtime.ReminderService;
using Orleans.Storage;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>What an operator or a host configures. Nothing here calls a service.</summary>
public sealed class ProviderOptionsTests
{
    private const string Account =
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:9/a;TableEndpoint=http://127.0.0.1:9/a";

    public static TheoryData<string, Action<ISiloBuilder>> WithoutClient => new()
    {
        { "AzureTableStorageOptions", silo => silo.AddAzureTableGrainStorage("s", options => options.TableName = "Grains") },
        { "AzureBlobStorageOptions", silo => silo.AddAzureBlobGrainStorage("s", options => options.ContainerName = "grains") },
        { "AzureTableReminderStorageOptions", silo => silo.UseAzureTableReminderService(options => options.TableName = "Reminders") },
        { "AzureStorageClusteringOptions", silo => silo.UseAzureStorageClustering(options => options.TableName = "Silos") },
    };

    public static TheoryData<string, Action<ISiloBuilder>> BadNames => new()
    {
        { "No-Table", silo => silo.AddAzureTableGrainStorageAsDefault(options => Set(options, "No-Table")) },
        { "No Container", silo => silo.AddAzureBlobGrainStorageAsDefault(options => SetBlobs(options, "No Container")) },
        { "1Reminder", silo => silo.UseAzureTableReminderService(options => Set(options, "1Reminder")) },
        { "", silo => silo.UseAzureStorageClustering(options => Set(options, "")) },
    };

    [Theory]
    [MemberData(nameof(WithoutClient), DisableDiscoveryEnumeration = true)]
    public void A_provider_without_client_is_refused_at_start(string options, Action<ISiloBuilder> configure)
    {
        var refusal = Assert.Throws<OrleansConfigurationException>(() => Validate(Build(configure)));

        Assert.Contains(options, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadNames), DisableDiscoveryEnumeration = true)]
    public void A_name_that_the_service_does_not_allow_is_refused_at_start(string name, Action<ISiloBuilder> configure)
    {
        var refusal = Assert.Throws<OrleansConfigurationException>(() => Validate(Build(configure)));

        Assert.Contains($"'{name}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_without_gateway_client_is_refused_at_start()
    {
        var services = new HostApplicationBuilder()
            .UseOrleansClient(client => client.UseAzureStorageClustering(options => options.TableName = "Silos")).Services.BuildServiceProvider();

        Assert.Throws<OrleansConfigurationException>(() => Validate(services));
    }

    [Fact]
    public void Defaults_are_those_of_Orleans_own_providers()
    {
        Assert.Equal(("OrleansGrainState", false, false, 10_000), Read(new AzureTableStorageOptions()));
        Assert.Equal("OrleansReminders", new AzureTableReminderStorageOptions().TableName);
        Assert.Equal("OrleansSiloInstances", new AzureStorageClusteringOptions().TableName);
        Assert.Equal("OrleansSiloInstances", new AzureStorageGatewayOptions().TableName);
        var blobs = new AzureBlobStorageOptions();
        Assert.Equal(("grainstate", true, 10_000), (blobs.ContainerName, blobs.DeleteStateOnClear, blobs.InitStage));

        static (string, bool, bool, int) Read(AzureTableStorageOptions options) =>
            (options.TableName, options.DeleteStateOnClear, options.UseStringFormat, options.InitStage);
    }

    [Fact]
    public void Providers_of_several_names_have_options_of_their_own()
    {
        var services = Build(silo => silo
            .AddAzureTableGrainStorage("one", options => Set(options, "One"))
            .AddAzureTableGrainStorage("two", options => Set(options, "Two"))
            .AddAzureBlobGrainStorage("three", options => SetBlobs(options, "three"))
            .AddAzureTableGrainStorageAsDefault(options => Set(options, "Default")));

        Validate(services);

        var tables = services.GetRequiredService<IOptionsMonitor<AzureTableStorageOptions>>();
        Assert.Equal(("One", "Two", "Default"), (tables.Get("one").TableName, tables.Get("two").TableName, tables.Get("Default").TableName));
        Assert.IsType<AzureTableGrainStorage>(services.GetRequiredKeyedService<IGrainStorage>("one"));
        Assert.NotSame(services.GetRequiredKeyedService<IGrainStorage>("one"), services.GetRequiredKeyedService<IGrainStorage>("two"));
        Assert.IsType<AzureBlobGrainStorage>(services.GetRequiredKeyedService<IGrainStorage>("three"));
        Assert.IsType<AzureTableGrainStorage>(services.GetRequiredService<IGrainStorage>());
    }

    [Fact]
    public void The_serializer_is_the_options_own_else_the_keyed_else_the_common_one()
    {
        var (keyed, own) = (new TextStates(), new StreamedStates());
        var services = Build(silo =>
        {
            silo.Services.AddKeyedSingleton<IGrainStorageSerializer>("keyed", keyed);
            silo.AddAzureTableGrainStorage("keyed", options => Set(options, "One"));
            silo.AddAzureTableGrainStorage("common", options => Set(options, "One"));
            silo.AddAzureBlobGrainStorage("keyed", options => options.GrainStorageSerializer = own);
        });

        var tables = services.GetRequiredService<IOptionsMonitor<AzureTableStorageOptions>>();
        Assert.Same(keyed, tables.Get("keyed").GrainStorageSerializer);
        Assert.Same(services.GetRequiredService<IGrainStorageSerializer>(), tables.Get("common").GrainStorageSerializer);
        Assert.Same(own, services.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get("keyed").GrainStorageSerializer);
    }

    [Theory]
    [InlineData("ServiceKey", "mine", "http://127.0.0.1:9/a")]
    [InlineData("ConnectionName", "store", "http://127.0.0.1:9/a")]
    [InlineData("ConnectionString", Account, "http://127.0.0.1:9/a")]
    [InlineData("ConnectionString", "https://b.example", "https://b.example/")]
    [InlineData("ConnectionString", "https://c.example/?sv=1&sig=x", "https://c.example/")]
    public void All_providers_can_be_added_by_configuration_alone(string key, string value, string uri)
    {
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:store"] = Account };
        foreach (var (section, type, name) in new[]
        {
            ("Orleans:GrainStorage:t", "AzureTableStorage", "Tab"),
            ("Orleans:GrainStorage:b", "AzureBlobStorage", "con"),
            ("Orleans:Reminders", "AzureTableStorage", "Rem"),
            ("Orleans:Clustering", "AzureTableStorage", "Clu"),
        })
        {
            settings[$"{section}:ProviderType"] = type;
            settings[$"{section}:{key}"] = value;
            settings[$"{section}:{(type == "AzureBlobStorage" ? "ContainerName" : "TableName")}"] = name;
            settings[$"{section}:SerializerKey"] = "text";
        }

        var services = Build(
            silo =>
            {
                silo.Services.AddKeyedSingleton("mine", new TableServiceClient(Account));
                silo.Services.AddKeyedSingleton("mine", new BlobServiceClient(Account));
                silo.Services.AddKeyedSingleton<IGrainStorageSerializer, TextStates>("text");
            },
            settings);

        Validate(services);
        var table = services.GetRequiredService<IOptionsMonitor<AzureTableStorageOptions>>().Get("t");
        var blobs = services.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get("b");
        var reminders = services.GetRequiredService<IOptions<AzureTableReminderStorageOptions>>().Value;
        var silos = services.GetRequiredService<IOptions<AzureStorageClusteringOptions>>().Value;
        Assert.Equal(("Tab", "con", "Rem", "Clu"), (table.TableName, blobs.ContainerName, reminders.TableName, silos.TableName));
        Assert.All([table.TableServiceClient, reminders.TableServiceClient, silos.TableServiceClient], client => Assert.Equal(new Uri(uri), client!.Uri));
        Assert.Equal(new Uri(uri), blobs.BlobServiceClient!.Uri);
        Assert.IsType<TextStates>(table.GrainStorageSerializer);
        Assert.IsType<TextStates>(blobs.GrainStorageSerializer);
        Assert.IsType<AzureBasedReminderTable>(services.GetRequiredService<IReminderTable>());
    }

    [Fact]
    public void Reminders_can_be_added_by_a_connection_string()
    {
        var services = Build(silo => silo.UseAzureTableReminderService(Account));

        Validate(services);

        Assert.Equal("a", services.GetRequiredService<IOptions<AzureTableReminderStorageOptions>>().Value.TableServiceClient!.AccountName);
    }

#pragma warning disable CS0618 // Obsolete in Orleans' own package too, but there.
    [Fact]
    public async Task The_older_ways_to_give_a_client_still_do()
    {
        var (uri, signed) = (new Uri("https://c.example"), new Uri("https://c.example/?sv=1&sig=x"));
        foreach (var configure in new Action<AzureTableStorageOptions>[]
        {
            options => options.ConfigureTableServiceClient(Account),
            options => options.ConfigureTableServiceClient(signed),
            options => options.ConfigureTableServiceClient(uri, new Azure.Identity.DefaultAzureCredential()),
            options => options.ConfigureTableServiceClient(uri, new Azure.AzureSasCredential("sv=1&sig=x")),
            options => options.ConfigureTableServiceClient(uri, new TableSharedKeyCredential("a", "a2V5")),
            options => options.ConfigureTableServiceClient(() => Task.FromResult(new TableServiceClient(Account))),
        })
        {
            var options = new AzureTableStorageOptions();
            configure(options);
            Assert.NotNull(await options.CreateClient!());
            new AzureTableGrainStorageOptionsValidator(options, "s").ValidateConfiguration();
        }

        foreach (var configure in new Action<AzureBlobStorageOptions>[]
        {
            options => options.ConfigureBlobServiceClient(Account),
            options => options.ConfigureBlobServiceClient(signed),
            options => options.ConfigureBlobServiceClient(uri, new Azure.Identity.DefaultAzureCredential()),
            options => options.ConfigureBlobServiceClient(uri, new Azure.AzureSasCredential("sv=1&sig=x")),
            options => options.ConfigureBlobServiceClient(uri, new Azure.Storage.StorageSharedKeyCredential("a", "a2V5")),
            options => options.ConfigureBlobServiceClient(() => Task.FromResult(new BlobServiceClient(Account))),
        })
        {
            var options = new AzureBlobStorageOptions();
            configure(options);
            Assert.NotNull(await options.CreateClient!());
            new AzureBlobStorageOptionsValidator(options, "s").ValidateConfiguration();
        }
    }
#pragma warning restore CS0618

    private static void Set(Phaseo.Orleans.AzureStorage.Tables.TableStorageOptions options, string table)
    {
        options.TableName = table;
        options.TableServiceClient = new TableServiceClient(Account);
    }

    private static void SetBlobs(AzureBlobStorageOptions options, string container)
    {
        options.ContainerName = container;
        options.BlobServiceClient = new BlobServiceClient(Account);
    }

    private static ServiceProvider Build(Action<ISiloBuilder> configure, Dictionary<string, string?>? settings = null)
    {
        var builder = new HostApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.UseOrleans(silo =>
        {
            if (settings is null)
            {
                silo.UseLocalhostClustering();
            }

            configure(silo);
        });
        return builder.Services.BuildServiceProvider();
    }

    private static void Validate(ServiceProvider services)
    {
        foreach (var validator in services.GetServices<IConfigurationValidator>().Where(validator => validator.GetType().Name.StartsWith("Azure", StringComparison.Ordinal)))
        {
            validator.ValidateConfiguration();
        }
    }
}
