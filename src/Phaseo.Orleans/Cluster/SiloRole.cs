namespace Phaseo.Orleans.Cluster;

/// <summary>What a silo is for. Any silo may host any grain; roles say who takes requests and who calls providers.</summary>
public enum SiloRole
{
    /// <summary>Both.</summary>
    All = 0,

    /// <summary>Takes requests. Ends and closes batches, but never calls a provider.</summary>
    Api = 1,

    /// <summary>Calls providers, and takes no requests.</summary>
    Worker = 2,
}

/// <summary>Roles by the words that operators write.</summary>
public static class SiloRoleWords
{
    /// <summary>The words, the default first.</summary>
    public static readonly string[] All = ["all", "api", "worker"];

    /// <summary>The word of a role.</summary>
    public static string ToWord(this SiloRole role) => All[(int)role];

    /// <summary>Reads a word. False: it is none.</summary>
    public static bool TryParse(string word, out SiloRole role)
    {
        role = (SiloRole)Array.IndexOf(All, word);
        return Enum.IsDefined(role);
    }
}
