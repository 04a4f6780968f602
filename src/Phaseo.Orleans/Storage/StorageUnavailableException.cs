namespace Phaseo.Orleans.Storage;

/// <summary>
/// Storage did not answer, or refused for a reason that passes. Whether the act was carried out is unknown. The API
/// answers it with 503 and <c>Retry-After</c>.
/// </summary>
/// <remarks>An <see cref="OrleansException"/>, because Orleans wraps any other that comes from a grain's storage.</remarks>
[GenerateSerializer, Alias("storage.unavailable")]
public sealed class StorageUnavailableException : OrleansException
{
    /// <summary>Says what was tried.</summary>
    public StorageUnavailableException(string message, Exception? inner = null)
        : base(message, inner!)
    {
    }
}
