namespace Orleans.Storage;

/// <summary>A state was not written or cleared, since its row is no longer as it was read.</summary>
[Serializable, GenerateSerializer, Alias("azure-table-condition-not-satisfied")]
public class TableStorageUpdateConditionNotSatisfiedException : InconsistentStateException
{
    public TableStorageUpdateConditionNotSatisfiedException(
        string errorMsg, string grainType, string grainId, string tableName, string storedEtag, string currentEtag, Exception storageException)
        : base(errorMsg, storedEtag, currentEtag, storageException)
    {
        GrainType = grainType;
        GrainId = grainId;
        TableName = tableName;
    }

    public TableStorageUpdateConditionNotSatisfiedException(
        string grainType, string grainId, string tableName, string storedEtag, string currentEtag, Exception storageException)
        : this(
            $"The stored state '{grainType}' of grain {grainId} in table {tableName} is not the one with etag {currentEtag}.",
            grainType, grainId, tableName, storedEtag, currentEtag, storageException)
    {
    }

    public TableStorageUpdateConditionNotSatisfiedException()
    {
    }

    public TableStorageUpdateConditionNotSatisfiedException(string msg)
        : base(msg)
    {
    }

    public TableStorageUpdateConditionNotSatisfiedException(string msg, Exception exc)
        : base(msg, exc)
    {
    }

    /// <summary>Whose state it is.</summary>
    [Id(0)]
    public string GrainId { get; } = "";

    /// <summary>Name of the state.</summary>
    [Id(1)]
    public string GrainType { get; } = "";

    /// <summary>The table.</summary>
    [Id(2)]
    public string TableName { get; } = "";
}
