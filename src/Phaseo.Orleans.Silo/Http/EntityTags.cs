using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>Conditional requests (RFC 9110, section 13).</summary>
internal static class EntityTags
{
    /// <summary>Whether an <c>If-None-Match</c> names the tag; compared weakly, as a GET asks for.</summary>
    public static bool Holds(StringValues ifNoneMatch, string etag)
    {
        if (ifNoneMatch.Count == 0)
        {
            return false;
        }

        // What a polling client sends is what it was given.
        if (ifNoneMatch == etag)
        {
            return true;
        }

        var current = EntityTagHeaderValue.Parse(etag);
        return EntityTagHeaderValue.TryParseList(ifNoneMatch, out var tags)
            && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: false));
    }
}
