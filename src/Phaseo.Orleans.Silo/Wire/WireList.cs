namespace Phaseo.Orleans.Silo.Wire;

/// <summary>A page of a list. Absent ids are null.</summary>
internal sealed record WireList<T>(string Object, IReadOnlyList<T> Data, string? FirstId, string? LastId, bool HasMore)
{
    /// <summary>A page; <paramref name="id"/> names an item's id.</summary>
    public static WireList<T> Of(IReadOnlyList<T> data, bool hasMore, Func<T, string> id) => new(
        "list",
        data,
        data.Count == 0 ? null : id(data[0]),
        data.Count == 0 ? null : id(data[^1]),
        hasMore);
}
