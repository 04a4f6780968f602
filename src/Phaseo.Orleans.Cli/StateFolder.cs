namespace Phaseo.Orleans.Cli;

/// <summary>Where phaseo keeps what it needs between two calls.</summary>
internal static class StateFolder
{
    /// <summary>
    /// <c>$XDG_STATE_HOME/phaseo</c>, <c>~/.local/state/phaseo</c>, on Windows the local application data; without a
    /// home, <c>.phaseo</c> in the working folder (source: XDG Base Directory Specification 0.8).
    /// </summary>
    public static string Find(Func<string, string?> environment)
    {
        if (environment("XDG_STATE_HOME") is { } state && Path.IsPathRooted(state))
        {
            return Path.Combine(state, "phaseo");
        }

        if (OperatingSystem.IsWindows() && environment("LOCALAPPDATA") is { } local)
        {
            return Path.Combine(local, "phaseo");
        }

        return environment("HOME") is { } home
            ? Path.Combine(home, ".local", "state", "phaseo")
            : Path.GetFullPath(".phaseo");
    }
}
