using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Embedded;

namespace Phaseo.Orleans.Silo;

/// <summary>Chooses clustering and storage.</summary>
internal static class SiloSetup
{
    /// <summary>Adds a silo: a cluster of its own on embedded storage, or one of many on an Azure Storage account.</summary>
    public static void AddSilo(this WebApplicationBuilder builder, SiloOptions options) => builder.UseOrleans(silo =>
    {
        var siloPort = options.SiloPort ?? FreePort();
        switch (options.Storage)
        {
            case StorageKinds.Embedded:
                silo.UseLocalhostClustering(siloPort, options.GatewayPort!.Value, null, options.ServiceId!, options.ClusterId!);
                silo.UseEmbeddedStorage(options.DataFolder!);

                // No other silo could go on, and whoever runs one at a terminal waits for its end.
                silo.Services.Configure<DrainOptions>(drain => drain.CallLimit = TimeSpan.FromSeconds(2));
                break;
            case StorageKinds.Azure:
                silo.UseAzure(options, siloPort);
                silo.UseKubernetes(builder.Configuration);
                break;
            default:
                throw new ArgumentException($"Phaseo:Storage is '{options.Storage}'; known are '{StorageKinds.Embedded}' and '{StorageKinds.Azure}'.");
        }

        // The cache's table is made for its largest size at once: a million, Orleans' default, takes 18 MB.
        silo.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = 50_000);
        silo.AddActivityPropagation();
        silo.AddPhaseo(options.ReadRole());
        Zombies.Allow(silo);
    });

    // Between here and the silo's own listening somebody else may take it; then the start fails and can be repeated.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
