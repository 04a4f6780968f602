using Phaseo.Orleans.Cli;
using Phaseo.Orleans.Cli.Commands;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>What a manifest gives the image as arguments has to be what the command line takes.</summary>
internal static class CommandLines
{
    /// <summary>Fails with what the command line says to it.</summary>
    public static void Check(IEnumerable<string> arguments)
    {
        var context = new CliContext { Out = TextWriter.Null, Error = TextWriter.Null, OpenOut = () => Stream.Null, Environment = _ => null };

        Assert.Empty(PhaseoCommand.Parse([.. arguments], context).Errors.Select(error => error.Message));
    }
}
