using System.Security.Cryptography;
using System.Text;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The keys that open the API. Only their SHA-256 is kept.</summary>
internal sealed class ApiKeys
{
    /// <summary>The one workspace until there are more.</summary>
    public const string DefaultWorkspace = "default";

    // A longer one is no key of ours: not worth hashing.
    private const int MaxLength = 512;

    private readonly (byte[] Hash, Caller Caller)[] _keys;

    /// <summary>Opens the workspace <c>default</c> to one key; null: to nobody.</summary>
    public ApiKeys(string? key)
    {
        if (string.IsNullOrEmpty(key))
        {
            _keys = [];
            return;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        _keys = [(hash, new Caller(DefaultWorkspace, "key_" + Convert.ToHexStringLower(hash)[..16]))];
    }

    /// <summary>Whether any request can be let in.</summary>
    public bool IsEmpty => _keys.Length == 0;

    /// <summary>A new key: <c>phk_</c> and 256 random bits.</summary>
    public static string NewKey() => "phk_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whose key it is, or null. Takes the same time for a key that is nearly right.</summary>
    public Caller? Find(ReadOnlySpan<char> key)
    {
        if (key.IsEmpty || key.Length > MaxLength)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[MaxLength * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(key, text)], hash);
        Caller? found = null;
        foreach (var (known, caller) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash))
            {
                found = caller;
            }
        }

        return found;
    }
}
