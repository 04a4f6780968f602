using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>Finds fields of a stored shape that no golden shows.</summary>
internal static class StoredFields
{
    /// <summary>Fields, as <c>Type.name</c>, that have their default in every one of these values.</summary>
    public static IEnumerable<string> NeverSet(JsonSerializerOptions options, params object[] values)
    {
        var seen = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            Visit(value, options, seen);
        }

        return seen.Where(field => !field.Value).Select(field => field.Key);
    }

    private static void Visit(object value, JsonSerializerOptions options, SortedDictionary<string, bool> seen)
    {
        var shape = options.GetTypeInfo(value.GetType());
        var items = shape.Kind switch
        {
            JsonTypeInfoKind.Enumerable => (IEnumerable)value,
            JsonTypeInfoKind.Dictionary => ((IDictionary)value).Values,
            _ => Array.Empty<object>(),
        };
        foreach (var item in items)
        {
            Visit(item, options, seen);
        }

        foreach (var field in shape.Kind == JsonTypeInfoKind.Object ? shape.Properties.Where(field => field.Get is not null) : [])
        {
            var held = field.Get!(value);
            var name = $"{value.GetType().Name}.{field.Name}";
            seen[name] = seen.GetValueOrDefault(name) || !IsDefault(held, field.PropertyType);
            if (held is not null)
            {
                Visit(held, options, seen);
            }
        }
    }

    private static bool IsDefault(object? held, Type type) => held switch
    {
        null => true,
        string text => text.Length == 0,
        ICollection items => items.Count == 0,
        _ => Nullable.GetUnderlyingType(type) is null && type.IsValueType && held.Equals(Activator.CreateInstance(type)),
    };
}
