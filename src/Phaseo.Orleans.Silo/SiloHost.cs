using Microsoft.Extensions.Configuration.Memory;
using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Silo;

/// <summary>Puts one process together: silo, API, telemetry. Used by the program, the command line and tests alike.</summary>
internal static class SiloHost
{
    // The lowest layer: files, environment and arguments all win over it.
    private static readonly KeyValuePair<string, string?>[] Defaults =
    [
        new("Logging:LogLevel:Default", "Information"),
        new("Logging:LogLevel:Microsoft", "Warning"),
        new("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"),
        new("Logging:LogLevel:Orleans", "Warning"),
        new("Logging:LogLevel:Orleans.Runtime.Silo", "Error"), // it advises server GC; we chose workstation GC
        new("Logging:LogLevel:Orleans.Runtime.Watchdog", "Error"), // its first reading is the machine's uptime
        new("Logging:LogLevel:Polly", "Warning"), // Orleans' placement: four lines for every new kind of grain
        new("Logging:LogLevel:System", "Warning"),
    ];

    /// <summary>Builds the process; <see cref="WebApplication.StartAsync"/> returns when it is ready.</summary>
    /// <param name="chosen">What the caller chooses; wins over the configuration.</param>
    /// <param name="args">Command-line settings, <c>--Batches:MaxRows=10</c>.</param>
    /// <param name="customise">Called last, before the container is built.</param>
    public static WebApplication Build(SiloOptions chosen, string[] args, Action<WebApplicationBuilder>? customise = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory, // an appsettings.json of whatever directory we are called in is not ours
        });
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData =
            [
                .. Defaults,
                // Answers that nobody's model gave must not be taken for real ones.
                new("Catalog:AllowSimulator", builder.Environment.IsDevelopment().ToString()),
            ],
        });
        builder.Configuration.AddInMemoryCollection(chosen.ToSettings());
        var options = SiloOptions.From(builder.Configuration);
        builder.WebHost.UseUrls(options.Urls!);
        builder.AddSilo(options);
        builder.AddTelemetry();
        builder.AddApi(options);
        customise?.Invoke(builder);

        var app = builder.Build();
        app.UseApi();
        app.MapApi(options.ReadRole());
        return app;
    }
}
