using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Phaseo.Orleans.Silo.Wire;
using Scalar.AspNetCore;

namespace Phaseo.Orleans.Silo.Http;

/// <summary><c>/openapi/v1.json</c>, made from the routes, and the page <c>/docs</c> that shows it.</summary>
internal static class ApiDescription
{
    private const string KeyScheme = "key";
    private const string Prefix = "Wire";

    /// <summary>Adds the document.</summary>
    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", openApi =>
    {
        openApi.ShouldInclude = route => route.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true;
        openApi.CreateSchemaReferenceId = NameOf;
        openApi.AddDocumentTransformer(DescribeAsync);
        openApi.AddOperationTransformer(AddQueryAsync);
    });

    /// <summary>Maps the document and the page. The page loads nothing from elsewhere.</summary>
    public static void MapApiDescription(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference("/docs", page => page
            .WithTitle("Phaseo batch API")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools()
            .HideClientButton());
    }

    /// <summary>Says which JSON a route takes.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder route)
        where T : notnull => route.WithMetadata(new Body(typeof(T), "application/json"));

    /// <summary>Says which multipart form a route takes.</summary>
    public static RouteHandlerBuilder TakesForm<T>(this RouteHandlerBuilder route)
        where T : notnull => route.WithMetadata(new Body(typeof(T), "multipart/form-data"));

    /// <summary>Says what a route answers, and with which errors besides 401 and 503.</summary>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder route, params ReadOnlySpan<int> errors)
        => route.Produces<T>().Answers(errors);

    /// <summary>Says with which errors a route answers besides 401 and 503.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder route, params ReadOnlySpan<int> errors)
    {
        foreach (var status in errors)
        {
            route.Produces<WireErrorBody>(status);
        }

        return route.Produces<WireErrorBody>(401).Produces<WireErrorBody>(503);
    }

    /// <summary>Describes a field of the query, which is read by hand.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, string name, string description) =>
        route.WithMetadata(new Query(name, description));

    // Our prefix tells types apart in code; clients know the object as "Batch".
    private static string? NameOf(JsonTypeInfo type) =>
        OpenApiOptions.CreateDefaultSchemaReferenceId(type)?.Replace(Prefix, "", StringComparison.Ordinal);

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info.Title = "Phaseo batch API";
        document.Info.Description = "OpenAI's Batch and Files API with Phaseo's routing and its additions.";
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[KeyScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
        document.Security = [new() { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] }];
        return Task.CompletedTask;
    }

    private static async Task AddQueryAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var query in metadata.OfType<Query>())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = query.Name,
                In = ParameterLocation.Query,
                Description = query.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        if (metadata.OfType<Body>().FirstOrDefault() is { } body)
        {
            var name = body.Type.Name[Prefix.Length..];
            context.Document!.AddComponent(name, await context.GetOrCreateSchemaAsync(body.Type, null, cancellation));
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType> { [body.ContentType] = new() { Schema = new OpenApiSchemaReference(name, context.Document) } },
            };
        }
    }

    private sealed record Query(string Name, string Description);

    private sealed record Body(Type Type, string ContentType);
}
