using System.Security.Cryptography;
using System.Text;
using Phaseo.Orleans.Claims;

namespace Phaseo.Orleans.Tests.Claims;

public sealed class ClaimKeyTests
{
    [Fact]
    public void Key_is_workspace_route_and_the_hash_of_the_clients_key()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("my key")));

        Assert.Equal($"ws:batches:{hash}", ClaimKey.Of("ws", "batches", "my key", "api-key", "body"));
    }

    [Fact]
    public void Without_a_key_it_is_the_api_key_and_the_body_that_count()
    {
        var one = ClaimKey.Of("ws", "batches", null, "api-key", "body");

        Assert.Equal(one, ClaimKey.Of("ws", "batches", null, "api-key", "body"));
        Assert.NotEqual(one, ClaimKey.Of("ws", "batches", null, "api-key-2", "body"));
        Assert.NotEqual(one, ClaimKey.Of("ws", "batches", null, "api-key", "body-2"));
        Assert.NotEqual(one, ClaimKey.Of("ws", "batches", null, "api-keyb", "ody"));
    }

    [Fact]
    public void Nothing_of_the_clients_key_can_be_read_from_it() =>
        Assert.DoesNotContain("secret", ClaimKey.Of("ws", "batches", "secret", "api-key", "body"), StringComparison.Ordinal);
}
