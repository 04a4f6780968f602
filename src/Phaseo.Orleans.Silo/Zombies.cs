using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Phaseo.Orleans.Silo;

/// <summary>
/// A silo that finds itself declared dead ends its process. With <c>PHASEO_ZOMBIE=1</c> a test build goes on instead, so
/// that tests can show that what it still does has no effect. A Release build has none of this.
/// </summary>
internal static class Zombies
{
    /// <summary>The environment variable that has a silo outlive its death.</summary>
    public const string Variable = "PHASEO_ZOMBIE";

    /// <summary>Has the silo go on if the environment says so.</summary>
    [Conditional("FAILPOINTS")]
    public static void Allow(ISiloBuilder silo)
    {
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            silo.Services.Replace(ServiceDescriptor.Singleton<IFatalErrorHandler, Undying>());
        }
    }

    private sealed class Undying : IFatalErrorHandler
    {
        public bool IsUnexpected(Exception exception) => true;

        public void OnFatalException(object? sender, string? context, Exception? exception)
        {
        }
    }
}
