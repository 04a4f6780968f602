using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Phaseo.Orleans.Silo.Wire;

/// <summary>Every type that is written to a client. Naming is <see cref="WireFormat.Apply"/>'s.</summary>
[JsonSerializable(typeof(WireBatch))]
[JsonSerializable(typeof(WireCreateBatch))]
[JsonSerializable(typeof(WireDeleted))]
[JsonSerializable(typeof(WireDisabled))]
[JsonSerializable(typeof(WireErrorBody))]
[JsonSerializable(typeof(WireFile))]
[JsonSerializable(typeof(WireList<WireBatch>))]
[JsonSerializable(typeof(WireList<WireFile>))]
[JsonSerializable(typeof(WireUpload))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(string))]
internal sealed partial class WireContext : JsonSerializerContext;
