using 'main.bicep'

// Secrets come from the environment of whoever deploys; nothing secret stands in a file.
param image = readEnvironmentVariable('PHASEO_IMAGE', 'REGISTRY.azurecr.io/phaseo:0.1.0')
param apiKey = readEnvironmentVariable('PHASEO_KEY')
param operatorKey = readEnvironmentVariable('PHASEO_OPERATOR_KEY')
param providerKeys = empty(readEnvironmentVariable('OPENAI_API_KEY', ''))
  ? {}
  : {
      OPENAI_API_KEY: readEnvironmentVariable('OPENAI_API_KEY', '')
    }
