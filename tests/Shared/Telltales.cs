namespace Phaseo.Orleans.Testing;

/// <summary>Finds in what a silo writes or shows what must never be there (I11): keys, and the content of rows and answers.</summary>
/// <param name="keys">The keys of the run.</param>
internal sealed class Telltales(params string[] keys)
{
    // A row holds some twenty of RequestRows' words; these are in no message of ours, and one row in 500 has none of them.
    // The others are in every answer of an EchoUpstream.
    private static readonly string[] Contents =
        [" harbour", " meadow", " violet", " ladder", " copper", " ember", "chatcmpl-echo", "\"Echo.\"", "Scripted."];

    /// <summary>The first such word in a text, as it may be shown to people; null: there is none.</summary>
    public string? Find(string text) =>
        Array.Exists(keys, key => text.Contains(key, StringComparison.Ordinal)) ? "a key"
        : Array.Exists(Contents, word => text.Contains(word, StringComparison.Ordinal)) ? "content of a row or an answer"
        : null;
}
