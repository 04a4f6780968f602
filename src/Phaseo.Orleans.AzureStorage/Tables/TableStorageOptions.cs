using Azure;
using Azure.Core;
using Azure.Data.Tables;

namespace Phaseo.Orleans.AzureStorage.Tables;

/// <summary>
/// Which table, and how to reach it. The options of all providers on Azure Tables begin with these; each of Orleans'
/// packages has them as a class of its own named AzureStorageOperationOptions.
/// </summary>
public abstract class TableStorageOptions
{
    private const string SetTheClient = $"Set the {nameof(TableServiceClient)} property.";

    /// <summary>The table: a letter, then 2 to 62 letters and digits. It is created if it is not there.</summary>
    public virtual string TableName { get; set; } = "";

    /// <summary>The client. Retries and time-outs are its own. Required, unless one of the methods below is used.</summary>
    public TableServiceClient? TableServiceClient
    {
        get;
        set
        {
            field = value;
            CreateClient = value is null ? null : () => Task.FromResult(value);
        }
    }

    /// <summary>Options of a client that one of the methods below makes. Set them before calling it.</summary>
    public TableClientOptions? ClientOptions { get; set; }

    /// <summary>Gives the client when the provider starts; null if none is configured.</summary>
    internal Func<Task<TableServiceClient>>? CreateClient { get; private set; }

    internal abstract TablePolicyOptions Policy { get; }

    /// <summary>Uses a connection string.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureTableServiceClient(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        TableServiceClient = new TableServiceClient(connectionString, ClientOptions);
    }

    /// <summary>Uses a URI that carries a shared access signature.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureTableServiceClient(Uri serviceUri) =>
        TableServiceClient = new TableServiceClient(serviceUri, ClientOptions);

    /// <summary>Uses a client that is made when the provider starts.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureTableServiceClient(Func<Task<TableServiceClient>> createClientCallback)
    {
        ArgumentNullException.ThrowIfNull(createClientCallback);
        CreateClient = createClientCallback;
    }

    /// <summary>Uses a URI and an identity.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureTableServiceClient(Uri serviceUri, TokenCredential tokenCredential) =>
        TableServiceClient = new TableServiceClient(serviceUri, tokenCredential, ClientOptions);

    /// <summary>Uses a URI and a shared access signature.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureTableServiceClient(Uri serviceUri, AzureSasCredential azureSasCredential) =>
        TableServiceClient = new TableServiceClient(serviceUri, azureSasCredential, ClientOptions);

    /// <summary>Uses a URI and an account's key.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureTableServiceClient(Uri serviceUri, TableSharedKeyCredential sharedKeyCredential) =>
        TableServiceClient = new TableServiceClient(serviceUri, sharedKeyCredential, ClientOptions);
}
