namespace Phaseo.Orleans.Files;

/// <summary>Opens a part of an input file for reading; null: the file is gone.</summary>
/// <param name="offset">First byte, from 0.</param>
/// <param name="length">Bytes at most; null: all that follow.</param>
/// <param name="cancellation">Ends the wait.</param>
internal delegate Task<Stream?> OpenInput(long offset, long? length, CancellationToken cancellation);

/// <summary>
/// Checks a whole input file (contract, "Lines") and cuts it into shards, in one pass and with flat memory. Every row
/// must name a model, also for the endpoints where OpenAI has a default of its own: what serves it would be a guess.
/// </summary>
internal sealed class RequestFileValidator
{
    private readonly OpenInput _open;
    private readonly ValidationLimits _limits;
    private readonly FaultList _faults;
    private readonly RequestLineChecker _checker;
    private readonly CustomIdIndex _ids;
    private readonly ModelVerdicts _verdicts;
    private readonly ShardCutter _shards;
    private readonly byte[] _scratch = new byte[RequestLineChecker.MaxCustomIdToken];
    private int _rows;
    private string? _model;
    private bool _hasSeveralModels;

    private RequestFileValidator(OpenInput open, string endpoint, ValidationLimits limits, IModelCheck models, CustomIdIndex ids)
    {
        _open = open;
        _limits = limits;
        _ids = ids;
        _faults = new FaultList(limits.MaxFaults);
        _checker = new RequestLineChecker(endpoint, limits.MaxDepth, _faults);
        _verdicts = new ModelVerdicts(models);
        _shards = new ShardCutter(limits.ShardRows, limits.ShardBytes);
    }

    /// <summary>Checks a file. It is opened once for the pass, and once more for each pair of ids that may be equal.</summary>
    /// <param name="open">The file.</param>
    /// <param name="endpoint">The batch's endpoint.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="models">Says what can be served.</param>
    /// <param name="cancellation">Ends the pass.</param>
    /// <exception cref="FileNotFoundException">The file is gone.</exception>
    public static Task<ValidationReport> ValidateAsync(
        OpenInput open, string endpoint, ValidationLimits limits, IModelCheck models, CancellationToken cancellation) =>
        ValidateAsync(open, endpoint, limits, models, new CustomIdIndex(), cancellation);

    /// <inheritdoc cref="ValidateAsync(OpenInput, string, ValidationLimits, IModelCheck, CancellationToken)"/>
    internal static Task<ValidationReport> ValidateAsync(
        OpenInput open, string endpoint, ValidationLimits limits, IModelCheck models, CustomIdIndex ids, CancellationToken cancellation) =>
        new RequestFileValidator(open, endpoint, limits, models, ids).RunAsync(cancellation);

    private async Task<ValidationReport> RunAsync(CancellationToken cancellation)
    {
        await using var input = await OpenAsync(0, null, cancellation);
        using var lines = new InputLines(input, _limits.MaxLineBytes);
        while (await lines.FillAsync(cancellation))
        {
            while (lines.TryRead(out var line))
            {
                if (!line.IsTooLong && Lines.IsBlank(line.Content.Span))
                {
                    continue;
                }

                if (_rows == _limits.MaxRows)
                {
                    _faults.Add(LineFaults.TooManyTasks(_limits.MaxRows));
                    return Report();
                }

                _rows++;
                await CheckAsync(line, cancellation);
                if (_faults.IsFull)
                {
                    return Report();
                }
            }
        }

        if (_rows == 0)
        {
            _faults.Add(LineFaults.EmptyFile());
        }

        return Report();
    }

    private ValidationReport Report() => _faults.IsEmpty
        ? new ValidationReport([], _rows, _hasSeveralModels ? null : _model, _shards.ToImmutable())
        : new ValidationReport(_faults.ToImmutable(), _rows, null, []);

    private ValueTask CheckAsync(in InputLine line, CancellationToken cancellation)
    {
        if (line.IsTooLong)
        {
            _faults.Add(LineFaults.LineTooLong(line.Number, _limits.MaxLineBytes));
            return ValueTask.CompletedTask;
        }

        var row = _checker.Check(line.Content.Span, line.Number);
        _shards.Add(line);
        var needsRead = !row.CustomId.IsEmpty && !TryKeepId(line, row);
        var needsAnswer = !row.Model.IsEmpty && !TryJudgeModel(line, row);
        return needsRead || needsAnswer ? FinishAsync(line, row, needsRead, needsAnswer, cancellation) : ValueTask.CompletedTask;
    }

    // What few rows need: a look at another part of the file, or at the catalog.
    private async ValueTask FinishAsync(InputLine line, RequestLine row, bool needsRead, bool needsAnswer, CancellationToken cancellation)
    {
        if (needsRead)
        {
            await CompareIdsAsync(line, row, cancellation);
        }

        if (needsAnswer)
        {
            Judge(line, await _verdicts.AskAsync(line.Content, row, cancellation));
        }
    }

    private bool TryKeepId(in InputLine line, in RequestLine row)
    {
        var hash = _ids.Hash(JsonText.Unescape(row.CustomId.Of(line.Content.Span), _scratch));
        if (_ids.IsSuspect(hash))
        {
            return false;
        }

        _ids.Add(hash, line.ContentOffset + row.CustomId.Offset, line.Number);
        return true;
    }

    private async ValueTask CompareIdsAsync(InputLine line, RequestLine row, CancellationToken cancellation)
    {
        var id = JsonText.Unescape(row.CustomId.Of(line.Content.Span), _scratch).ToArray();
        var hash = _ids.Hash(id);
        foreach (var earlier in _ids.WithHash(hash))
        {
            var other = await ReadIdAsync(earlier.Offset, cancellation);
            if (other.AsSpan().SequenceEqual(id))
            {
                _faults.Add(LineFaults.DuplicateCustomId(line.Number, earlier.Line));
                return;
            }
        }

        _ids.Add(hash, line.ContentOffset + row.CustomId.Offset, line.Number);
    }

    private async ValueTask<byte[]> ReadIdAsync(long offset, CancellationToken cancellation)
    {
        await using var input = await OpenAsync(offset, RequestLineChecker.MaxCustomIdToken, cancellation);
        var bytes = new byte[RequestLineChecker.MaxCustomIdToken];
        var read = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return JsonText.UnescapeFirst(bytes.AsSpan(0, read));
    }

    private bool TryJudgeModel(in InputLine line, in RequestLine row)
    {
        if (!_verdicts.TryFind(line.Content.Span, row, out var verdict))
        {
            return false;
        }

        Judge(line, verdict);
        return true;
    }

    private void Judge(in InputLine line, ModelVerdict verdict)
    {
        _model ??= verdict.Model;
        _hasSeveralModels |= _model != verdict.Model;
        if (verdict.Fault is not null)
        {
            _faults.Add(verdict.Fault with { Line = line.Number });
        }
    }

    private async Task<Stream> OpenAsync(long offset, long? length, CancellationToken cancellation) =>
        await _open(offset, length, cancellation) ?? throw new FileNotFoundException("The input file is gone.");
}
