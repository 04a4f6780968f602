using System.Collections.Immutable;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Claims;
using Phaseo.Orleans.Cli.Runs;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Tests.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>Small JSON files and rows: a batch's working files, a claim, the command line's record of a run.</summary>
public sealed class StoredWorkFileTests
{
    private static readonly ImmutableArray<ShardSlice> Plan = [new(3, 4194304, 0, 500, 1), new(4194310, 7000, 500, 12, 502)];

    private static readonly ImmutableArray<LineFault> Faults =
        [new("duplicate_custom_id", "The custom_id of line 4 is also that of line 1.", "custom_id", 4), new("empty_file", "The file has no rows.", null, null)];

    [Fact]
    public void Shard_index() => StoredJson.Check("work.plan", Plan, BatchFilesJson.Default.ImmutableArrayShardSlice);

    [Fact]
    public void Faults_of_a_validation() => StoredJson.Check("work.faults", Faults, BatchFilesJson.Default.ImmutableArrayLineFault);

    [Fact]
    public void Ends_of_shards() => StoredJson.Check("work.ends", FullBatch.Ends, BatchFilesJson.Default.ImmutableArrayEndedShard);

    [Fact]
    public void Parts_of_a_shard() => StoredJson.Check("work.parts", FullBatch.Parts, BatchFilesJson.Default.ShardParts);

    [Fact]
    public void Parked_shards() => StoredJson.Check("work.parked", FullBatch.Parked, BatchFilesJson.Default.ImmutableArrayParkedShard);

    [Fact]
    public void List_of_prices()
    {
        OfferPrices[] prices =
        [
            new("openai", "openai/gpt-5-mini", [new(Meter.InputTokens, 1_000_000, 0.25m, PricePlan.Standard), new(Meter.OutputTokens, 1_000_000, 2m, PricePlan.Batch)]),
        ];
        StoredJson.Check("prices", prices, PriceListJson.Default.OfferPricesArray);

        Assert.Equal("0cf3d98e8b4ac92043c0699a7599eebf", PriceList.Of(prices).Name);
    }

    [Fact]
    public void Claim_of_a_request() => StoredJson.Check("claim", Claim, ClaimJson.Default.Claim);

    [Fact]
    public void Record_of_a_run() => StoredJson.Check("run", Run, RunJson.Default.RunRecord);

    [Fact]
    public void Goldens_show_every_field()
    {
        Assert.Empty(StoredFields.NeverSet(BatchFilesJson.Default.Options, Plan, Faults, FullBatch.Ends, FullBatch.Parts, FullBatch.Parked));
        Assert.Empty(StoredFields.NeverSet(ClaimJson.Default.Options, Claim));
        Assert.Empty(StoredFields.NeverSet(RunJson.Default.Options, Run));
    }

    private static Claim Claim => new()
    {
        Id = BatchScenes.Id,
        BodyHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        RetryCount = 1,
        At = BatchScenes.At(0),
        KeepUntil = BatchScenes.At(900),
        Revision = 2,
        Delivered = true,
    };

    private static RunRecord Run => new()
    {
        Input = "/home/me/in.jsonl",
        Bytes = 1024,
        Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        Endpoint = "/v1/chat/completions",
        Window = "24h",
        IdempotencyKey = "run-1",
        FileId = "file-1",
        BatchId = BatchScenes.Id,
    };
}
