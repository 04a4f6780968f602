// Phaseo on Azure Container Apps, with everything it keeps in one storage account.
//   az deployment group create --resource-group RG --template-file deploy/azure/main.bicep --parameters deploy/azure/main.bicepparam
// Nobody holds a key of the account: silos open it with a managed identity, and shared keys are switched off.

targetScope = 'resourceGroup'

@description('Where everything is. Default: where the resource group is.')
param location string = resourceGroup().location

@description('What names begin with: 3 to 11 lower-case letters and digits, a letter first.')
@minLength(3)
@maxLength(11)
param name string = 'phaseo'

@description('The image, with its registry and a fixed tag.')
param image string

@description('The API\'s key (PHASEO_KEY).')
@secure()
@minLength(16)
param apiKey string

@description('The key of /metrics.')
@secure()
@minLength(16)
param operatorKey string

@description('Providers\' keys by the name of their environment variable, for example { OPENAI_API_KEY: \'...\' }.')
@secure()
param providerKeys object = {}

@description('Silos that take requests, at least.')
@minValue(2)
param minApi int = 2

@description('Silos that take requests, at most.')
param maxApi int = 6

@description('Silos that call providers, at least.')
@minValue(2)
param minWorkers int = 3

@description('Silos that call providers, at most.')
param maxWorkers int = 12

@description('Calls at once of each worker.')
@minValue(1)
param callsPerWorker int = 256

module storage 'storage.bicep' = {
  params: {
    location: location
    name: name
  }
}

module apps 'apps.bicep' = {
  params: {
    location: location
    name: name
    image: image
    identityId: storage.outputs.identityId
    identityClientId: storage.outputs.identityClientId
    blobEndpoint: storage.outputs.blobEndpoint
    apiKey: apiKey
    operatorKey: operatorKey
    providerKeys: providerKeys
    minApi: minApi
    maxApi: maxApi
    minWorkers: minWorkers
    maxWorkers: maxWorkers
    callsPerWorker: callsPerWorker
  }
}

@description('Where the API is.')
output url string = apps.outputs.url

@description('The account that holds everything.')
output storageAccount string = storage.outputs.accountName
