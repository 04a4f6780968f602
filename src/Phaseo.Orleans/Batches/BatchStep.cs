namespace Phaseo.Orleans.Batches;

/// <summary>What a batch owes next.</summary>
internal enum BatchStep
{
    /// <summary>Nothing.</summary>
    Rest = 1,

    /// <summary>Check the input.</summary>
    Validate = 2,

    /// <summary>Give places to shards, and see that they run.</summary>
    RunShards = 3,

    /// <summary>End every shard that has not ended.</summary>
    CloseShards = 4,

    /// <summary>Complete the files.</summary>
    CompleteFiles = 5,

    /// <summary>Do what the outbox says.</summary>
    EmptyOutbox = 6,

    /// <summary>Remove what wakes the batch.</summary>
    Forget = 7,
}

/// <summary>Reads from a state what is owed. Pure: after a crash it says the same again.</summary>
internal static class BatchSteps
{
    /// <summary>The next step.</summary>
    public static BatchStep Next(BatchState batch) => batch.Status switch
    {
        BatchStatus.None => BatchStep.Rest,
        BatchStatus.Validating => BatchStep.Validate,
        BatchStatus.InProgress => BatchStep.RunShards,
        BatchStatus.Cancelling or BatchStatus.Finalizing => batch.AllEnded ? BatchStep.CompleteFiles : BatchStep.CloseShards,
        BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Expired => AfterTheEnd(batch),
        BatchStatus.Cancelled or BatchStatus.Abandoned => AfterTheEnd(batch),
    };

    private static BatchStep AfterTheEnd(BatchState batch) => batch.Outbox.IsEmpty ? BatchStep.Forget : BatchStep.EmptyOutbox;
}
