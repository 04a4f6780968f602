using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Tests.Providers;

/// <summary>Makes the adapters under test, with options and a clock of their own.</summary>
internal static class Wires
{
    public static readonly ProviderKeys Keys = new(name => name == "TEST_KEY" ? " sk-test \n" : null);

    public static Upstreams Upstreams(BatchOptions? options = null, TimeProvider? time = null, ProviderKeys? keys = null) =>
        new(keys ?? Keys, Options.Create(options ?? new BatchOptions()), time ?? TimeProvider.System);

    public static HttpExchange Exchange(SocketsHttpHandler handler, TimeProvider? time = null) =>
        new(handler, CallClock.CreatePool(time ?? TimeProvider.System), new BatchOptions(), time ?? TimeProvider.System);
}
