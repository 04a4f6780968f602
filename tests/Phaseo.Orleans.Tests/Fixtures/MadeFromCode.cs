using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// Parts of documents that are made from code, between the lines <c>made from code: PART</c> and <c>end of PART</c>. The
/// prose around them is written by hand.
/// </summary>
internal static class MadeFromCode
{
    /// <summary>Compares a part of a document in docs/ with what it should be, or writes it when committed files are updated.</summary>
    public static void Check(string document, string part, string made, Type test)
    {
        var path = SourceTree.PathOf("docs", document);
        var (begin, end) = ($"<!-- made from code: {part} -->\n", $"<!-- end of {part} -->");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"docs/{document} has no part '{part}'.");
        if (SourceTree.IsUpdating)
        {
            File.WriteAllText(path, text[..from] + made + text[to..]);
            return;
        }

        Assert.True(
            text[from..to] == made,
            $"docs/{document} does not show what the code does. PHASEO_UPDATE_GOLDEN=1 ./test --filter-class "
            + $"\"{test.FullName}\" writes its part '{part}' again. It should be:\n{made}");
    }
}
