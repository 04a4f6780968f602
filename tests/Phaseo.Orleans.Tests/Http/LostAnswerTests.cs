using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

/// <summary>A client that leaves before its answer never learns what it made; its next try must find it.</summary>
public sealed class LostAnswerTests(LostAnswerTests.Silo silo) : IClassFixture<LostAnswerTests.Silo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_whose_answer_was_lost_is_given_to_the_next_identical_create()
    {
        var input = await silo.Client.UploadAsync(EngineSilo.Rows(1));
        var body = $"{{\"input_file_id\":\"{input}\",\"endpoint\":\"/v1/chat/completions\"}}";

        await SendAndLeaveAsync(body);
        using var found = await Patience.UntilAsync("answer to the next create", () => CreateAsync(body));
        using var second = await silo.Client.PostJsonAsync("/v1/batches", body);

        Assert.Equal("true", found.Headers.GetValues("Idempotent-Replayed").Single());
        using var first = await found.JsonAsync();
        using var list = await silo.Client.GetAsync("/v1/batches", Cancellation).JsonAsync();
        using var other = await second.JsonAsync();
        Assert.Equal([other.Text("id"), first.Text("id")], list.Ids());
    }

    // 409 as long as the lost create is still at work.
    private async Task<HttpResponseMessage?> CreateAsync(string body)
    {
        var response = await silo.Client.PostJsonAsync("/v1/batches", body);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        response.Dispose();
        return null;
    }

    private async Task SendAndLeaveAsync(string body)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(silo.Address.Host, silo.Address.Port, Cancellation);
        var request = $"POST /v1/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SiloFixture.Key}\r\n{Silo.Marker}: 1\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request), Cancellation);
        await silo.Arrived.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);

        client.Client.Close(timeout: 0);
        await silo.Noticed.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
    }

    /// <summary>Holds a marked create back, once it is at work, until the server has seen that its client is gone.</summary>
    public sealed class Silo : SiloFixture, IStartupFilter
    {
        public const string Marker = "x-test-leaves";

        public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Noticed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, continueAsync) =>
            {
                if (http.Request.Headers.ContainsKey(Marker))
                {
                    http.RequestAborted.Register(() => Noticed.TrySetResult());
                }

                return continueAsync(http);
            });
            next(app);
        };

        protected override void Customise(WebApplicationBuilder builder)
        {
            base.Customise(builder);
            builder.Services.AddSingleton<IStartupFilter>(this);
            var real = builder.Services.Last(service => service.ServiceType == typeof(IFileReferences));
            builder.Services.AddSingleton<IFileReferences>(services => new Held(
                this, (IFileReferences)ActivatorUtilities.CreateInstance(services, real.ImplementationType!)));
        }

        private sealed class Held(Silo silo, IFileReferences real) : IFileReferences
        {
            public async Task AddAsync(FileReference reference, CancellationToken cancellation)
            {
                silo.Arrived.TrySetResult();
                await silo.Noticed.Task;
                await real.AddAsync(reference, cancellation);
            }

            public Task RemoveAsync(string workspace, string fileId, string batchId, CancellationToken cancellation) =>
                real.RemoveAsync(workspace, fileId, batchId, cancellation);

            public Task<bool> AnyAsync(string workspace, string fileId, CancellationToken cancellation) =>
                real.AnyAsync(workspace, fileId, cancellation);

            public IAsyncEnumerable<FileReference> ListAsync(DateTimeOffset addedBefore, CancellationToken cancellation) =>
                real.ListAsync(addedBefore, cancellation);
        }
    }
}
