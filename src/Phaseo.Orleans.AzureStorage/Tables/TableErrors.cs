using Azure;
using Azure.Data.Tables.Models;

namespace Phaseo.Orleans.AzureStorage.Tables;

/// <summary>What an error of the table service means to a write that named an etag.</summary>
internal static class TableErrors
{
    /// <summary>
    /// Whether somebody else was faster: the row is there already (409), has changed (412), or is gone (404). A missing
    /// table is none of these.
    /// </summary>
    public static bool IsContention(RequestFailedException error) =>
        error.Status is 404 or 409 or 412
        && error.ErrorCode != TableErrorCode.TableNotFound
        && error.ErrorCode != TableErrorCode.TableBeingDeleted;
}
