using System.Text;

namespace Phaseo.Orleans.Tests.Http;

/// <summary>A multipart form, byte for byte as a test wants it.</summary>
internal sealed class Form
{
    public const string Boundary = "test boundary";

    private readonly StringBuilder _text = new();

    public static string ContentType => $"multipart/form-data; boundary=\"{Boundary}\"";

    public Form Part(string name) => name == "file" ? File("in.jsonl", "{}\n") : Field(name, "batch");

    public Form File(string filename, string content) =>
        Raw($"Content-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\nContent-Type: application/jsonl\r\n", content);

    public Form Field(string name, string value) => Raw($"Content-Disposition: form-data; name=\"{name}\"\r\n", value);

    public Form Raw(string headers, string content = "")
    {
        _text.Append("--").Append(Boundary).Append("\r\n").Append(headers).Append("\r\n").Append(content).Append("\r\n");
        return this;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes($"{_text}--{Boundary}--\r\n");
}
