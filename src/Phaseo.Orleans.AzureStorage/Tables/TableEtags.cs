namespace Phaseo.Orleans.AzureStorage.Tables;

/// <summary>What a caller may name as the etag of a row.</summary>
internal static class TableEtags
{
    /// <summary>
    /// Whether a row can have this etag: <c>W/"…"</c>, or <c>*</c> for any. The service answers anything else with an error
    /// of the request's form, although all it means is that no row has it.
    /// </summary>
    public static bool CanMatch(string? etag) =>
        etag is "*" or ['W', '/', '"', .., '"'];
}
