namespace Phaseo.Orleans.Tests.Batches.Model;

/// <summary>How large a model is.</summary>
/// <param name="Shards">Shards of the batch.</param>
/// <param name="Rows">Rows of each.</param>
/// <param name="Places">Shards that run at once.</param>
/// <param name="Epochs">How often a shard is started at most; closing it may raise the epoch once more.</param>
/// <param name="Folds">Whether ends and parked shards are put into files.</param>
internal sealed record ModelSize(int Shards, int Rows, int Places = 2, int Epochs = 2, bool Folds = false);
