namespace Phaseo.Orleans.Cli;

/// <summary>The command cannot be carried out. The message is one sentence for the person at the terminal.</summary>
internal sealed class CliException(string message, Exception? inner = null) : Exception(message, inner);
