using CsCheck;
using Phaseo.Orleans.AzureStorage.Tables;

namespace Phaseo.Orleans.Tests.AzureStorage;

public sealed class TableKeysTests
{
    [Theory]
    [InlineData("killtest_ping/k21665", "killtest_ping_k21665")]
    [InlineData("a/b\\c#d?e", "a_b_c_d_e")]
    [InlineData("plain-key.1 ü%+", "plain-key.1 ü%+")]
    [InlineData("", "")]
    public void Characters_that_a_key_cannot_have_become_underscores(string key, string sanitized) =>
        Assert.Equal(sanitized, TableKeys.Sanitize(key));

    [Fact]
    public void A_sanitized_key_has_the_same_length_and_nothing_else_changed() =>
        Gen.String[Gen.Char["/\\#?_ab"], 0, 40].Sample(key =>
        {
            var sanitized = TableKeys.Sanitize(key);
            return sanitized.Length == key.Length
                && key.Zip(sanitized).All(pair => "/\\#?".Contains(pair.First) ? pair.Second == '_' : pair.Second == pair.First);
        });

    [Fact]
    public void A_key_of_1024_characters_is_refused_without_being_shown()
    {
        var key = new string('k', 1024);

        var refusal = Assert.Throws<ArgumentException>(() => TableKeys.Sanitize(key));

        Assert.DoesNotContain("kkk", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(key[1..], TableKeys.Sanitize(key[1..]));
    }

    [Theory]
    [InlineData("OrleansGrainState", true)]
    [InlineData("abc", true)]
    [InlineData("ab", false)]
    [InlineData("1ab", false)]
    [InlineData("a-b", false)]
    [InlineData("abc\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_table_name_is_a_letter_and_2_to_62_letters_and_digits(string? name, bool isOne) =>
        Assert.Equal(isOne, TableKeys.IsTableName(name));

    [Fact]
    public void A_table_name_has_at_most_63_characters()
    {
        Assert.True(TableKeys.IsTableName(new string('a', 63)));
        Assert.False(TableKeys.IsTableName(new string('a', 64)));
    }
}
