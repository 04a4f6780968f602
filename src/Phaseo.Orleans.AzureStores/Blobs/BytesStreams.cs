using System.Runtime.InteropServices;

namespace Phaseo.Orleans.AzureStores.Blobs;

/// <summary>Memory as a stream that can be read again from its start, which the client's retries need; not copied.</summary>
internal static class BytesStreams
{
    /// <summary>The stream.</summary>
    public static MemoryStream Of(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array)
            ? new(array.Array!, array.Offset, array.Count, writable: false)
            : new(bytes.ToArray(), writable: false);
}
