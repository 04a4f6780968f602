using System.Security.Cryptography;
using System.Text;

namespace Phaseo.Orleans.AzureStores.Tables;

/// <summary>Row keys. Tables sort them ascending and know no other order.</summary>
internal static class TableKeys
{
    /// <summary>A key that sorts the other way round: each byte's complement in hexadecimal, and a mark behind all digits.</summary>
    public static string Descending(string id)
    {
        var bytes = Encoding.UTF8.GetBytes(id);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)~bytes[i];
        }

        return Convert.ToHexStringLower(bytes) + "~";
    }

    /// <summary>A key for a text that may hold what keys may not, such as slashes.</summary>
    public static string Hashed(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
