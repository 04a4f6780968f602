using System.Text;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class AnswerFailuresTests
{
    private const string Table = """
        status  plain          model          quota
        100     OperatorFault  OperatorFault  OperatorFault
        302     OperatorFault  OperatorFault  OperatorFault
        400     Refused        Refused        Refused
        401     OperatorFault  OperatorFault  OperatorFault
        402     OperatorFault  OperatorFault  OperatorFault
        403     OperatorFault  OperatorFault  OperatorFault
        404     Refused        OperatorFault  Refused
        405     Refused        Refused        Refused
        408     Overloaded     Overloaded     Overloaded
        409     Refused        Refused        Refused
        413     Refused        Refused        Refused
        422     Refused        Refused        Refused
        425     Overloaded     Overloaded     Overloaded
        429     RateLimited    RateLimited    OperatorFault
        451     Refused        Refused        Refused
        500     Overloaded     Overloaded     Overloaded
        501     Overloaded     Overloaded     Overloaded
        503     Overloaded     Overloaded     Overloaded
        529     Overloaded     Overloaded     Overloaded
        999     Overloaded     Overloaded     Overloaded
        """;

    public static TheoryData<int, string, string> Cells()
    {
        var rows = Table.Split('\n').Select(x => x.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var data = new TheoryData<int, string, string>();
        foreach (var row in rows.Skip(1))
        {
            for (var column = 1; column < row.Length; column++)
            {
                data.Add(int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture), rows[0][column], row[column]);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Each_status_has_its_failure(int status, string says, string kind)
    {
        var error = new ErrorFields(SaysModelNotFound: says == "model", SaysQuotaExhausted: says == "quota");

        Assert.Equal(kind, AnswerFailures.Classify(status, error).ToString());
    }

    [Theory]
    [InlineData("""{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}""", true)]
    [InlineData("""{"type":"error","error":{"type":"not_found_error","message":"model: x"},"request_id":"req_1"}""", true)]
    [InlineData("""{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":"model","code":404}}""", true)]
    [InlineData("""{"error":{"param":"model"}}""", true)]
    [InlineData("""{"error":{"message":"Invalid URL (POST /v1/x)","type":"invalid_request_error","param":null,"code":null}}""", false)]
    [InlineData("""{"error":{"message":"model_not_found","details":{"code":"model_not_found"}}}""", false)]
    [InlineData("""{"code":"model_not_found"}""", false)]
    [InlineData("""{"error":"model_not_found"}""", false)]
    [InlineData("""{"error":["code","model_not_found"]}""", false)]
    [InlineData("{}", false)]
    public void A_missing_model_is_told_by_the_error_s_words(string body, bool expected)
    {
        Assert.True(AnswerReader.TryReadError(Encoding.UTF8.GetBytes(body), out _, out var fields));

        Assert.Equal(expected, fields.SaysModelNotFound);
        Assert.False(fields.SaysQuotaExhausted);
    }

    [Theory]
    [InlineData("""{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", true)]
    [InlineData("""{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}""", false)]
    public void An_account_that_has_run_dry_is_told_by_the_error_s_words(string body, bool expected)
    {
        Assert.True(AnswerReader.TryReadError(Encoding.UTF8.GetBytes(body), out _, out var fields));

        Assert.Equal(expected, fields.SaysQuotaExhausted);
    }
}
