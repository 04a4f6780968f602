using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Observability;

public sealed class ActiveBatchesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Now);
    private readonly ActiveBatches _batches;
    private readonly object _activation = new();

    public ActiveBatchesTests() => _batches = new(_clock);

    [Fact]
    public void Nothing_under_way_is_nothing_to_see()
    {
        Assert.Equal(0, _batches.PendingRows);
        Assert.Equal(TimeSpan.Zero, _batches.OldestAge);
        Assert.Null(_batches.NextDeadline);
        Assert.All(_batches.ByStatus(), entry => Assert.Equal(0, entry.Count));
    }

    [Fact]
    public void A_batch_under_way_is_seen_with_its_rows_its_age_and_its_deadline()
    {
        _batches.Show(_activation, Views.InProgress(Now));
        _clock.Advance(TimeSpan.FromMinutes(4));

        Assert.Equal(6, _batches.PendingRows);
        Assert.Equal(TimeSpan.FromMinutes(5), _batches.OldestAge);
        Assert.Equal(TimeSpan.FromMinutes(56), _batches.NextDeadline);
        Assert.Equal([BatchStatus.InProgress], _batches.ByStatus().Where(entry => entry.Count == 1).Select(entry => entry.Status));
    }

    [Fact]
    public void An_overdue_batch_has_a_negative_time_left()
    {
        _batches.Show(_activation, Views.InProgress(Now));
        _clock.Advance(TimeSpan.FromMinutes(61));

        Assert.Equal(TimeSpan.FromMinutes(-1), _batches.NextDeadline);
    }

    [Fact]
    public void The_oldest_and_the_first_to_expire_need_not_be_the_same_batch()
    {
        _batches.Show(_activation, Views.InProgress(Now));
        _batches.Show(new(), Views.InProgress(Now) with { CreatedAt = Now, ExpiresAt = Now.AddMinutes(2) });

        Assert.Equal(TimeSpan.FromMinutes(1), _batches.OldestAge);
        Assert.Equal(TimeSpan.FromMinutes(2), _batches.NextDeadline);
        Assert.Equal(12, _batches.PendingRows);
    }

    [Theory]
    [InlineData(BatchStatus.Completed)]
    [InlineData(BatchStatus.Failed)]
    [InlineData(BatchStatus.Expired)]
    [InlineData(BatchStatus.Cancelled)]
    public void A_batch_that_ended_is_gone(BatchStatus status)
    {
        _batches.Show(_activation, Views.InProgress(Now));
        _batches.Show(_activation, Views.InProgress(Now) with { Status = status });

        Assert.Null(_batches.NextDeadline);
    }

    [Fact]
    public void Of_two_activations_the_one_that_leaves_takes_only_itself_along()
    {
        var successor = new object();
        _batches.Show(_activation, Views.InProgress(Now));
        _batches.Show(successor, Views.InProgress(Now));

        _batches.Remove(_activation);

        Assert.Equal(6, _batches.PendingRows);
    }
}
