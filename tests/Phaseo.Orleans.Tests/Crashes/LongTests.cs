namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>Tests that take minutes.</summary>
internal static class LongTests
{
    private const string Variable = "PHASEO_LONG_TESTS";

    /// <summary>Skips the calling test unless it was asked for.</summary>
    public static void SkipUnlessAsked() =>
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) == "1", $"Takes minutes: set {Variable}=1.");
}
