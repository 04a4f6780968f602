using System.Reflection;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>A store in front of the real one that can be switched off: every call then fails as in an outage.</summary>
public class Unavailable<T> : DispatchProxy
    where T : class
{
    /// <summary>Whether calls fail.</summary>
    public bool IsDown { get; set; }

    internal T? Real { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (IsDown)
        {
            throw new StorageUnavailableException("Switched off by a test.");
        }

        return targetMethod!.Invoke(Real, args);
    }
}

internal static class Unavailable
{
    /// <summary>Puts a switch before a store.</summary>
    public static (T Store, Unavailable<T> Switch) Before<T>(T real)
        where T : class
    {
        var store = DispatchProxy.Create<T, Unavailable<T>>();
        var outage = (Unavailable<T>)(object)store;
        outage.Real = real;
        return (store, outage);
    }
}
