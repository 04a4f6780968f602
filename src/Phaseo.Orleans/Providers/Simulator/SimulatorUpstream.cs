using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers.Simulator;

/// <summary>
/// Answers without a network, in the right shape, and says in every answer that it is a simulator. The answer is a
/// function of the row's body, whose SHA-256 (lower-case hex) is in it; latency and faults are a function of body,
/// row and attempt, so that a run can be repeated and a retry can fare better.
/// </summary>
internal sealed class SimulatorUpstream(SimulatorSettings settings, TimeProvider time) : IUpstream
{
    /// <inheritdoc/>
    public async Task<UpstreamAnswer> SendAsync(UpstreamCall request, CancellationToken cancellation)
    {
        var draw = Draw(request);
        await WaitAsync(draw.Latency, cancellation).ConfigureAwait(false);
        var requestId = "sim_" + draw.Id;
        var buffer = AnswerBuffer.Rent();
        var status = draw.Fault < settings.ThrottleRate ? 429
            : draw.Fault < settings.ThrottleRate + settings.ErrorRate ? 500
            : 200;
        if (status != 200)
        {
            SimulatedAnswers.WriteError(buffer, request.Endpoint, status);
            var kind = AnswerFailures.Classify(status, default);
            return new UpstreamAnswer(status, requestId, buffer.Written, null, new ProviderFailure(kind), buffer.Release);
        }

        var asked = SimulatedRequest.Read(request.Body.Span);
        SimulatedAnswers.Write(buffer, request, asked, settings.OutputTokens, time.GetUtcNow().ToUnixTimeSeconds());

        // The same reader as for real answers: what the simulator writes is held to the same form.
        return AnswerReader.Read(buffer.Written, request.Endpoint, out var line, out var usage) == AnswerForm.Whole
            ? new UpstreamAnswer(status, requestId, line, usage, null, buffer.Release)
            : throw new InvalidOperationException("The simulator wrote an answer that is not one JSON object.");
    }

    private async ValueTask WaitAsync(TimeSpan latency, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, time, cancellation).ConfigureAwait(false);
        }
    }

    // Latency is spread evenly over half to one and a half of its mean.
    private Drawn Draw(in UpstreamCall call)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> attempt = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(attempt, call.Attempt);
        hash.AppendData(attempt);
        hash.AppendData(Encoding.UTF8.GetBytes(call.RowId));
        hash.AppendData(call.Body.Span);
        Span<byte> bits = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(bits);
        return new Drawn(
            settings.Latency * (0.5 + ToShare(bits)), ToShare(bits[8..]), Convert.ToHexStringLower(bits.Slice(16, 12)));
    }

    // Evenly spread over 0 to just below 1.
    private static double ToShare(ReadOnlySpan<byte> bits) => BinaryPrimitives.ReadUInt32LittleEndian(bits) / 4_294_967_296.0;

    private readonly record struct Drawn(TimeSpan Latency, double Fault, string Id);
}
