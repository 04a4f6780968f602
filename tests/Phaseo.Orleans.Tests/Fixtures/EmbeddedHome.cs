using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Embedded;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>The embedded home in a folder of its own.</summary>
public sealed class EmbeddedHome : StorageHome
{
    private readonly TempFolder _folder = new();
    private ServiceProvider _services;

    public EmbeddedHome()
        : this(_ => { })
    {
    }

    /// <summary>Opens a folder that has something in it already.</summary>
    public EmbeddedHome(Action<string> prepare)
    {
        prepare(_folder.Path);
        _services = Start();
    }

    /// <summary>The data folder.</summary>
    public string Folder => _folder.Path;

    protected override IServiceProvider Services => _services;

    public static Task<StorageHome> OpenAsync() => Task.FromResult<StorageHome>(new EmbeddedHome());

    public override async Task ReopenAsync()
    {
        await _services.DisposeAsync();
        _services = Start();
    }

    public override async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    private ServiceProvider Start()
    {
        var services = new ServiceCollection().AddEmbeddedStores(_folder.Path).BuildServiceProvider();
        services.GetRequiredService<DataFolder>();
        return services;
    }
}
