using System.Buffers;
using System.Text;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>Makes a row's result and its line, for the output or the error file.</summary>
internal sealed class RowLines(string batch)
{
    private const int LargeAnswer = 512 * 1024;
    private readonly byte[] _batch = Encoding.ASCII.GetBytes(batch);
    private readonly ArrayBufferWriter<byte> _scratch = new();

    /// <summary>The row of an answer with a body, 2xx or not.</summary>
    /// <returns>The line is valid until the next call, unless the answer is large.</returns>
    public (RowResult Result, ReadOnlyMemory<byte> Line) Answer(RowWork work, Offer offer, UpstreamAnswer answer)
    {
        var good = answer.Failure is null;
        var usage = good && answer.Usage is { } read ? read with { Requests = 1 } : (Meters?)null;
        var cost = usage is { } meters ? offer.Prices.CostNanos(meters, Offer.Plan) : null;
        var result = new RowResult(
            work.Row.Row,
            good ? ResultFile.Output : ResultFile.Errors,
            answer.StatusCode,
            work.Attempts,
            cost ?? 0,
            good && cost is null,
            offer.Provider.Id,
            offer.Model,
            "",
            usage ?? default);
        var output = Begin(answer.Body.Length);
        Span<byte> id = stackalloc byte[RowIds.Length];
        RowIds.Write(id, _batch, work.Row.Row);
        ResultLineWriter.WriteAnswer(
            output, id, work.Parts.CustomId.Of(work.Row.Bytes.Span), answer.StatusCode, answer.RequestId, answer.Body.Span);
        return (result, output.WrittenMemory);
    }

    /// <summary>The row of one that ends without an answer.</summary>
    /// <returns>The line is valid until the next call.</returns>
    public (RowResult Result, ReadOnlyMemory<byte> Line) Fault(ShardRow row, LineSlice customId, int attempts, RowFault fault)
    {
        var result = new RowResult(row.Row, ResultFile.Errors, 0, attempts, 0, false, "", "", fault.Code, default);
        var output = Begin(0);
        Span<byte> id = stackalloc byte[RowIds.Length];
        RowIds.Write(id, _batch, row.Row);
        ResultLineWriter.WriteFault(output, id, customId.Of(row.Bytes.Span), fault.Code, fault.Message);
        return (result, output.WrittenMemory);
    }

    // A large line is still being stored elsewhere when the next row comes.
    private ArrayBufferWriter<byte> Begin(int body)
    {
        if (body >= LargeAnswer)
        {
            return new(body + 1024);
        }

        _scratch.ResetWrittenCount();
        return _scratch;
    }
}

/// <summary>Why a row has no answer: the contract's code and a message.</summary>
internal sealed record RowFault(string Code, string Message)
{
    public static readonly RowFault Expired = new("batch_expired", "This request could not be executed before the completion window expired.");
    public static readonly RowFault Cancelled = new("batch_cancelled", "This request was not executed because the batch was cancelled.");
    public static readonly RowFault TimedOut = new("request_timeout", "No provider answered this request in time.");
    public static readonly RowFault Unavailable = new("provider_unavailable", "No provider could be reached for this request.");
    public static readonly RowFault Invalid = new("invalid_provider_response", "The provider's answer was not a valid JSON object.");
    public static readonly RowFault NoProvider = new("no_eligible_provider", "The last provider for this request was removed while the batch ran.");

    /// <summary>What a row without a result gets from its shard's end.</summary>
    public static RowFault Of(ShardOutcome outcome) => outcome switch
    {
        ShardOutcome.Cancelled => Cancelled,
        ShardOutcome.Expired => Expired,
        ShardOutcome.None or ShardOutcome.Done => throw new InvalidOperationException("A shard that is done has a result for each row."),
    };
}
