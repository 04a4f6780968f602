using System.Diagnostics;
using Azure.Core;

namespace Phaseo.Orleans.AzureStores.Faults;

/// <summary>
/// Has the clients of an account meet the faults that a file says, to show that nothing is lost by them. A Release build
/// has no way to: the calls are removed by the compiler. The environment variable <c>PHASEO_STORAGE_FAULTS</c> names the file; it holds a <c>StorageFaultScript</c>, may change at any time, and means
/// no faults while it is missing.
/// </summary>
internal static class StorageFaults
{
    /// <summary>The environment variable that names the file.</summary>
    public const string Variable = "PHASEO_STORAGE_FAULTS";

    /// <summary>Puts the faults into a client that is about to be made, if any were asked for.</summary>
    [Conditional("FAILPOINTS")]
    public static void Inject(ClientOptions options)
    {
#if FAILPOINTS
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
        {
            // Behind retries and signature, where the network would be.
            options.AddPolicy(
                new StorageFaultPolicy(new StorageFaultFile(path).Read, Console.Error.WriteLine), HttpPipelinePosition.BeforeTransport);
        }
#endif
    }
}
