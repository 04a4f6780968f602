namespace Phaseo.Orleans.Cli.Runs;

/// <summary>What <c>phaseo run</c> was asked, paths made absolute.</summary>
internal sealed record RunRequest
{
    /// <summary>The input file.</summary>
    public required string Input { get; init; }

    /// <summary>Where rows answered 2xx go.</summary>
    public required string Output { get; init; }

    /// <summary>Where all other rows go.</summary>
    public required string Errors { get; init; }

    /// <summary>The endpoint; null: the first row's <c>url</c>, else chat completions.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The completion window.</summary>
    public required string Window { get; init; }

    /// <summary>Go on with an unfinished run.</summary>
    public bool Resume { get; init; }

    /// <summary>Cancel an unfinished run and start again.</summary>
    public bool Restart { get; init; }

    /// <summary>Default places beside the input: <c>IN.out.jsonl</c> and <c>IN.errors.jsonl</c>.</summary>
    public static (string Output, string Errors) DefaultsFor(string input)
    {
        var stem = input.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) ? input[..^".jsonl".Length] : input;
        return (stem + ".out.jsonl", stem + ".errors.jsonl");
    }

    /// <summary>Refuses what would destroy a file or cannot be read.</summary>
    /// <exception cref="CliException">The input is not there, or a target is the input, the other target or a folder.</exception>
    public void Check()
    {
        if (Directory.Exists(Input))
        {
            throw new CliException($"{Input} is a folder; a JSONL file is needed");
        }

        if (!File.Exists(Input))
        {
            throw new CliException($"{Input} does not exist");
        }

        foreach (var target in new[] { Output, Errors })
        {
            if (FilePaths.AreSame(target, Input))
            {
                throw new CliException($"{target} is the input; it would be overwritten");
            }

            if (Directory.Exists(target))
            {
                throw new CliException($"{target} is a folder; a file is needed");
            }

            CheckFolder(Path.GetDirectoryName(target)!);
        }

        if (FilePaths.AreSame(Output, Errors))
        {
            throw new CliException($"output and errors are both {Output}");
        }
    }

    // Found out now and not when the answers are paid for.
    private static void CheckFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CliException($"the folder {folder} does not exist");
        }

        try
        {
            var probe = Path.Combine(folder, $".phaseo-{Guid.NewGuid():N}");
            File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the folder {folder} cannot be written", e);
        }
    }
}
