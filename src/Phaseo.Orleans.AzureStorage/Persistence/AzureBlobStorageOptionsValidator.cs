using System.Text.RegularExpressions;
using Azure.Storage.Blobs;

namespace Orleans.Configuration;

/// <summary>Says at start what is missing, before anything calls the service.</summary>
public partial class AzureBlobStorageOptionsValidator(AzureBlobStorageOptions options, string name) : IConfigurationValidator
{
    /// <exception cref="OrleansConfigurationException">There is no client, or a container cannot have such a name.</exception>
    public void ValidateConfiguration()
    {
        if (options.CreateClient is null)
        {
            throw Invalid($"no {nameof(BlobServiceClient)} is configured; set {nameof(AzureBlobStorageOptions.BlobServiceClient)}.");
        }

        if (!ContainerName().IsMatch(options.ContainerName ?? ""))
        {
            throw Invalid(
                $"{nameof(AzureBlobStorageOptions.ContainerName)} '{options.ContainerName}' must be 3 to 63 lower-case letters, digits and single dashes between them.");
        }
    }

    private OrleansConfigurationException Invalid(string fault) =>
        new($"{nameof(AzureBlobStorageOptions)} of provider '{name}': {fault}");

    // https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
    [GeneratedRegex("^(?=.{3,63}\\z)[a-z0-9]+(-[a-z0-9]+)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerName();
}
