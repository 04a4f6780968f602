using System.Text;
using Orleans.Storage;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>As <see cref="TextStates"/>, but only by streams.</summary>
internal sealed class StreamedStates : IGrainStorageStreamingSerializer
{
    public BinaryData Serialize<T>(T? input) => throw new NotSupportedException("By streams only.");

    public T Deserialize<T>(BinaryData input) => throw new NotSupportedException("By streams only.");

    public ValueTask SerializeAsync<T>(T? input, Stream destination, CancellationToken cancellationToken = default) =>
        destination.WriteAsync(Encoding.UTF8.GetBytes(((TextState)(object)input!).Text), cancellationToken);

    public async ValueTask<T?> DeserializeAsync<T>(Stream input, CancellationToken cancellationToken = default)
    {
        using var reader = new StreamReader(input, Encoding.UTF8);
        return (T)(object)new TextState { Text = await reader.ReadToEndAsync(cancellationToken) };
    }
}
