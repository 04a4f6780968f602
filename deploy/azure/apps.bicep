// The environment, and one app for each role of silos.

param location string
param name string
param image string
param identityId string
param identityClientId string
param blobEndpoint string
@secure()
param apiKey string
@secure()
param operatorKey string
@secure()
param providerKeys object
param minApi int
param maxApi int
param minWorkers int
param maxWorkers int
param callsPerWorker int

var roles = [
  {
    role: 'api'
    min: minApi
    max: maxApi
    cpu: '0.5'
    memory: '1Gi'
  }
  {
    role: 'worker'
    min: minWorkers
    max: maxWorkers
    cpu: '1.0'
    memory: '2Gi'
  }
]

// Names of secrets are lower case with dashes, those of variables are not.
var providerSecrets = [
  for key in items(providerKeys): {
    name: replace(toLower(key.key), '_', '-')
    value: key.value
  }
]
var providerVariables = [
  for key in items(providerKeys): {
    name: key.key
    secretRef: replace(toLower(key.key), '_', '-')
  }
]

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    retentionInDays: 30
    sku: {
      name: 'PerGB2018'
    }
  }
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${name}-environment'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
  }
}

resource toLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-logs'
  scope: environment
  properties: {
    workspaceId: logs.id
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

resource silos 'Microsoft.App/containerApps@2024-03-01' = [
  for silo in roles: {
    name: '${name}-${silo.role}'
    location: location
    identity: {
      type: 'UserAssigned'
      userAssignedIdentities: {
        '${identityId}': {}
      }
    }
    properties: {
      environmentId: environment.id
      workloadProfileName: 'Consumption'
      configuration: {
        activeRevisionsMode: 'Single'
        // Silos find each other by their addresses in storage; only the API has a way in from outside.
        ingress: silo.role == 'api'
          ? {
              external: true
              targetPort: 8080
              transport: 'auto'
              allowInsecure: false
            }
          : null
        secrets: concat(
          [
            {
              name: 'phaseo-key'
              value: apiKey
            }
            {
              name: 'phaseo-operator-key'
              value: operatorKey
            }
          ],
          providerSecrets
        )
      }
      template: {
        // Longer than a silo takes to empty itself and leave: at most 40 s (section Drain).
        terminationGracePeriodSeconds: 75
        containers: [
          {
            name: 'silo'
            image: image
            args: [
              'serve'
              '--storage'
              'azure'
              '--urls'
              'http://*:8080'
            ]
            env: concat(
              [
                {
                  name: 'Phaseo__Role'
                  value: silo.role
                }
                {
                  name: 'PHASEO_CONNECTION'
                  value: blobEndpoint
                }
                {
                  name: 'AZURE_CLIENT_ID'
                  value: identityClientId
                }
                {
                  name: 'Phaseo__SiloPort'
                  value: '11111'
                }
                {
                  name: 'Batches__MaxConcurrentCalls'
                  value: string(callsPerWorker)
                }
                {
                  name: 'PHASEO_KEY'
                  secretRef: 'phaseo-key'
                }
                {
                  name: 'Phaseo__OperatorKey'
                  secretRef: 'phaseo-operator-key'
                }
              ],
              providerVariables
            )
            resources: {
              cpu: json(silo.cpu)
              memory: silo.memory
            }
            probes: [
              {
                type: 'Startup'
                httpGet: {
                  path: '/healthz/startup'
                  port: 8080
                }
                periodSeconds: 2
                timeoutSeconds: 6
                failureThreshold: 60
              }
              {
                type: 'Liveness'
                httpGet: {
                  path: '/healthz/live'
                  port: 8080
                }
                periodSeconds: 10
                timeoutSeconds: 5
                failureThreshold: 6
              }
              {
                type: 'Readiness'
                httpGet: {
                  path: '/healthz/ready'
                  port: 8080
                }
                periodSeconds: 5
                timeoutSeconds: 6
                failureThreshold: 2
              }
            ]
          }
        ]
        scale: {
          minReplicas: silo.min
          maxReplicas: silo.max
          rules: [
            {
              name: 'cpu'
              custom: {
                type: 'cpu'
                metadata: {
                  type: 'Utilization'
                  value: '70'
                }
              }
            }
          ]
        }
      }
    }
  }
]

output url string = 'https://${silos[0].properties.configuration.ingress.fqdn}'
