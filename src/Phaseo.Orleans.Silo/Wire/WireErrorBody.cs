namespace Phaseo.Orleans.Silo.Wire;

/// <summary>OpenAI's error body.</summary>
internal sealed record WireErrorBody(WireError Error);

/// <summary>What went wrong.</summary>
/// <param name="Message">For people: names the thing and the bound.</param>
/// <param name="Type">The class of failure, by status.</param>
/// <param name="Param">The field's path, or null.</param>
/// <param name="Code">For programs, or null.</param>
internal sealed record WireError(string Message, string Type, string? Param, string? Code);

/// <summary>The body of a route that the operator has switched off.</summary>
internal sealed record WireDisabled(WireError Error, string Reason, string Feature);
