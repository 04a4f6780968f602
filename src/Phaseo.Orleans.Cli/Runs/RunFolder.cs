using System.Security.Cryptography;
using System.Text;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>
/// Where a run keeps its data until it has ended. By default each input has a folder of its own in the person's state
/// folder, so that two runs never wait for each other, and it goes when the answers are beside the input. A folder
/// given with <c>--data</c> is shared and stays.
/// </summary>
/// <param name="RecordPath">The run's record.</param>
/// <param name="DataPath">The data folder of an embedded silo.</param>
/// <param name="OwnPath">The folder to remove at the end; null: nothing is removed.</param>
internal sealed record RunFolder(string RecordPath, string DataPath, string? OwnPath)
{
    /// <summary>The folder of one input on one server.</summary>
    /// <param name="input">The input's absolute path.</param>
    /// <param name="server">The server; null: embedded.</param>
    /// <param name="data">What <c>--data</c> says, absolute, or null.</param>
    /// <param name="state">The person's state folder of phaseo.</param>
    public static RunFolder Of(string input, Uri? server, string? data, string state)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server}\n{input}")))[..16];
        if (data is not null)
        {
            return new(Path.Combine(data, "runs", id + ".json"), data, null);
        }

        var own = Path.Combine(state, "runs", $"{Path.GetFileNameWithoutExtension(input)}-{id}");
        return new(Path.Combine(own, "run.json"), Path.Combine(own, "data"), own);
    }

    /// <summary>Removes what only an unfinished run needs.</summary>
    public void Clear()
    {
        new RunRecordFile(RecordPath).Remove();
        if (OwnPath is not null && Directory.Exists(OwnPath))
        {
            Directory.Delete(OwnPath, recursive: true);
        }
    }
}
