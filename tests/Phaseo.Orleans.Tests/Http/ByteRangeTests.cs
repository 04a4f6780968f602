using Microsoft.AspNetCore.Http;
using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Tests.Http;

public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-3", 0, 4)]
    [InlineData("bytes=2-", 2, 8)]
    [InlineData("bytes=9-9", 9, 1)]
    [InlineData("bytes=5-99", 5, 5)]
    [InlineData("bytes=-3", 7, 3)]
    [InlineData("bytes=-99", 0, 10)]
    [InlineData("BYTES=0-0", 0, 1)]
    public void One_range_is_cut_to_the_file(string header, long offset, long length) =>
        Assert.Equal((new ByteRange(offset, length), true), Of(header));

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-12")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999999-")]
    public void A_range_outside_the_file_cannot_be_satisfied(string header) => Assert.Equal((null, false), Of(header));

    [Theory]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("rows=0-1")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=x")]
    [InlineData("bytes=-")]
    [InlineData("bytes=99999999999999999999-")]
    public void What_is_no_single_range_of_bytes_means_the_whole_file(string header) => Assert.Equal((null, true), Of(header));

    [Fact]
    public void A_range_of_another_version_means_the_whole_file()
    {
        Assert.Equal((null, true), Of("bytes=0-1", ifRange: "\"other\""));
        Assert.Equal((new ByteRange(0, 2), true), Of("bytes=0-1", ifRange: "\"tag\""));
    }

    [Fact]
    public void No_range_of_an_empty_file_can_be_satisfied() => Assert.Equal((null, false), Of("bytes=0-", fileLength: 0));

    private static (ByteRange? Range, bool IsSatisfiable) Of(string header, string? ifRange = null, long fileLength = 10)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Range = header;
        if (ifRange is not null)
        {
            request.Headers.IfRange = ifRange;
        }

        return ByteRange.Of(request, fileLength, "\"tag\"");
    }
}
