using System.Text;
using Orleans.Storage;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>A state that is stored as the bytes of its text and nothing else, so that tests choose every byte.</summary>
public sealed class TextState
{
    public string Text { get; set; } = "";
}

/// <summary>Stores <see cref="TextState"/>.</summary>
internal sealed class TextStates : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(Encoding.UTF8.GetBytes(((TextState)(object)input!).Text));

    public T Deserialize<T>(BinaryData input) => (T)(object)new TextState { Text = input.ToString() };
}
