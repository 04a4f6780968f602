using System.Text.Json;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Billing;

public sealed class MetersConverterTests
{
    [Fact]
    public void Each_meter_stands_at_its_number_and_comes_back()
    {
        foreach (var meter in Enum.GetValues<Meter>())
        {
            var reading = new Meters().With(meter, 42);

            var json = JsonSerializer.Serialize(reading, GrainStateJson.Options);

            Assert.Equal($"[{string.Concat(Enumerable.Repeat("0,", (int)meter - 1))}42]", json);
            Assert.Equal(reading, JsonSerializer.Deserialize<Meters>(json, GrainStateJson.Options));
        }
    }

    [Fact]
    public void Nothing_read_is_an_empty_array() => Assert.Equal("[]", JsonSerializer.Serialize(default(Meters), GrainStateJson.Options));

    [Fact]
    public void Meters_of_a_later_build_are_passed_over() => Assert.Equal(
        new Meters { InputTokens = 1, Requests = 8 }, JsonSerializer.Deserialize<Meters>("[1,0,0,0,0,0,0,8,99]", GrainStateJson.Options));
}
