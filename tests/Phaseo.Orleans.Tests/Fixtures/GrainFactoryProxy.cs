using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>A grain factory whose batches are stubs and whose other grains are real.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
internal class GrainFactoryProxy : DispatchProxy
{
    private IGrainFactory? _real;
    private BatchStubs? _batches;

    /// <summary>Makes one; without a real factory there is nothing but batches.</summary>
    public static IGrainFactory Create(BatchStubs batches, IGrainFactory? real = null)
    {
        var factory = Create<IGrainFactory, GrainFactoryProxy>();
        ((GrainFactoryProxy)(object)factory)._batches = batches;
        ((GrainFactoryProxy)(object)factory)._real = real;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.ReturnType == typeof(IBatchGrain))
        {
            return _batches!.Get((string)args![0]!);
        }

        return _real is null
            ? throw new NotSupportedException($"Only batches are to be had here, not {targetMethod.ReturnType}.")
            : targetMethod.Invoke(_real, args);
    }
}
