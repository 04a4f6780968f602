using System.Text;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class ProviderPolicyReaderTests
{
    [Fact]
    public void Every_supported_field_is_read()
    {
        var policy = Read("""
            {"order":["a","B"],"only":["c"],"ignore":["d","e"],"allow_fallbacks":false,
             "max_price":{"prompt":1,"completion":"2.50","image":1e-2,"audio":0,"request":"0.000001"}}
            """);

        Assert.Equal(["a", "B"], policy.Order!.Value);
        Assert.Equal(["c"], policy.Only!.Value);
        Assert.Equal(["d", "e"], policy.Ignore!.Value);
        Assert.Equal(false, policy.AllowFallbacks);
        Assert.Equal(
            new MaxPrice { Prompt = 1, Completion = 2.5m, Image = 0.01m, Audio = 0, Request = 0.000001m }, policy.MaxPrice);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"order\":null,\"only\":null,\"ignore\":null,\"max_price\":null,\"allow_fallbacks\":null}")]
    [InlineData("{\"order\":[],\"only\":[],\"ignore\":[],\"max_price\":{}}")]
    [InlineData("{\"max_price\":{\"prompt\":null}}")]
    [InlineData("{\"zdr\":null,\"sort\":null,\"quantizations\":[]}")]
    public void Null_and_empty_mean_not_set(string json)
    {
        Assert.Equal(ProviderPolicy.None, Read(json));
    }

    // The value; the code; the path that is named.
    [Theory]
    [InlineData("[]", "invalid_type", "provider")]
    [InlineData("\"openai\"", "invalid_type", "provider")]
    [InlineData("{\"only\":\"openai\"}", "invalid_type", "provider.only")]
    [InlineData("{\"order\":[\"a\",7]}", "invalid_type", "provider.order[1]")]
    [InlineData("{\"order\":[null]}", "invalid_type", "provider.order[0]")]
    [InlineData("{\"ignore\":[\"\"]}", "invalid_value", "provider.ignore[0]")]
    [InlineData("{\"allow_fallbacks\":\"true\"}", "invalid_type", "provider.allow_fallbacks")]
    [InlineData("{\"allow_fallbacks\":0}", "invalid_type", "provider.allow_fallbacks")]
    [InlineData("{\"max_price\":1}", "invalid_type", "provider.max_price")]
    [InlineData("{\"max_price\":{\"prompt\":[]}}", "invalid_type", "provider.max_price.prompt")]
    [InlineData("{\"max_price\":{\"prompt\":-1}}", "invalid_value", "provider.max_price.prompt")]
    [InlineData("{\"max_price\":{\"audio\":\"-1\"}}", "invalid_value", "provider.max_price.audio")]
    [InlineData("{\"max_price\":{\"image\":\"1,5\"}}", "invalid_value", "provider.max_price.image")]
    [InlineData("{\"max_price\":{\"image\":\" 1\"}}", "invalid_value", "provider.max_price.image")]
    [InlineData("{\"max_price\":{\"request\":1e400}}", "invalid_value", "provider.max_price.request")]
    [InlineData("{\"max_price\":{\"completion\":\"NaN\"}}", "invalid_value", "provider.max_price.completion")]
    [InlineData("{\"max_price\":{\"tokens\":1}}", "unknown_parameter", "provider.max_price.tokens")]
    [InlineData("{\"max_price\":{\"prompt\":1},\"prompt\":1}", "unknown_parameter", "provider.prompt")]
    [InlineData("{\"Only\":[\"a\"]}", "unknown_parameter", "provider.Only")]
    [InlineData("{\"colour\":{\"a\":[1,{\"b\":2}]},\"only\":7}", "unknown_parameter", "provider.colour")]
    [InlineData("{\"include_alpha\":true}", "unsupported_parameter", "provider.include_alpha")]
    [InlineData("{\"required_execution_region\":\"us\"}", "unsupported_parameter", "provider.required_execution_region")]
    [InlineData("{\"required_data_region\":\"us\"}", "unsupported_parameter", "provider.required_data_region")]
    [InlineData("{\"require_zero_data_retention\":true}", "unsupported_parameter", "provider.require_zero_data_retention")]
    [InlineData("{\"zdr\":true}", "unsupported_parameter", "provider.zdr")]
    [InlineData("{\"data_collection\":\"deny\"}", "unsupported_parameter", "provider.data_collection")]
    [InlineData("{\"enforce_distillable_text\":true}", "unsupported_parameter", "provider.enforce_distillable_text")]
    [InlineData("{\"quantizations\":[\"fp8\"]}", "unsupported_parameter", "provider.quantizations")]
    [InlineData("{\"require_parameters\":true}", "unsupported_parameter", "provider.require_parameters")]
    [InlineData("{\"sort\":{\"by\":\"price\"}}", "unsupported_parameter", "provider.sort")]
    [InlineData("{\"preferred_max_latency\":1}", "unsupported_parameter", "provider.preferred_max_latency")]
    [InlineData("{\"preferred_min_throughput\":{\"p50\":1}}", "unsupported_parameter", "provider.preferred_min_throughput")]
    [InlineData("{\"only\":[\"a\"],\"only\":[\"b\"]}", "invalid_value", "provider.only")]
    [InlineData("{\"only\":[\"a\"", "invalid_value", "provider")]
    [InlineData("{\"only\":[\"\\ud800\"]}", "invalid_value", "provider")]
    public void A_fault_names_the_full_path(string json, string code, string param)
    {
        var (policy, fault) = ProviderPolicyReader.Read(Encoding.UTF8.GetBytes(json), "provider");

        Assert.Null(policy);
        Assert.Equal((code, param), (fault!.Code, fault.Param));
        Assert.Contains($"'{param}'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_entries_and_names_have_bounds()
    {
        var ids = string.Join(',', Enumerable.Repeat("\"a\"", PolicyFields.MaxIds));
        var longest = new string('a', PolicyFields.MaxIdLength);

        Assert.Equal(PolicyFields.MaxIds, Read($"{{\"only\":[{ids}]}}").Only!.Value.Length);
        Assert.Equal("provider.only", Fault($"{{\"only\":[{ids},\"a\"]}}").Param);
        Assert.Equal([longest], Read($"{{\"only\":[\"{longest}\"]}}").Only!.Value);
        Assert.Equal("provider.only[0]", Fault($"{{\"only\":[\"{longest}a\"]}}").Param);
        Assert.Equal($"provider.{longest}", Fault($"{{\"{longest}aaaa\":1}}").Param);
    }

    [Fact]
    public void A_rows_policy_is_laid_over_its_batchs_key_by_key()
    {
        var batch = Read("""{"order":["a"],"only":["a","b"],"max_price":{"prompt":1,"completion":2},"allow_fallbacks":false}""");

        var row = Read("""{"order":[],"only":["b"],"ignore":["c"],"max_price":{"prompt":3}}""").Over(batch);

        Assert.Equal(["a"], row.Order!.Value);
        Assert.Equal(["b"], row.Only!.Value);
        Assert.Equal(["c"], row.Ignore!.Value);
        Assert.Equal(new MaxPrice { Prompt = 3 }, row.MaxPrice);
        Assert.Equal(false, row.AllowFallbacks);
    }

    private static ProviderPolicy Read(string json)
    {
        var (policy, fault) = ProviderPolicyReader.Read(Encoding.UTF8.GetBytes(json), "provider");
        Assert.Null(fault);
        return policy!;
    }

    private static PolicyFault Fault(string json) =>
        ProviderPolicyReader.Read(Encoding.UTF8.GetBytes(json), "provider").Fault!;
}
