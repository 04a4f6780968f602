using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

/// <summary>
/// Three silos, a lender and a network that loses, delays and reorders, played step by step. Silos behave as
/// <see cref="LeaseKeeper"/> does: one claim at a time, given up before the next; calls start only on a good lease.
/// </summary>
internal sealed class LendingWorld(int limit)
{
    private readonly Actor[] _silos = [.. Enumerable.Range(0, 3).Select(number => new Actor(LeaseBookTests.Silo(number)))];
    private readonly List<LeaseClaim> _onTheWay = [];
    private LeaseBook _book = new(Guid.NewGuid());
    private TimeSpan _now;
    private TimeSpan _openedAt;
    private int _restarts = 10;

    public int Running => _silos.Sum(silo => silo.Running);

    public void Step(int kind, int number, int amount)
    {
        var silo = _silos[number];
        switch (kind)
        {
            case 0 or 1:
                silo.Waiting = amount;
                _onTheWay.Add(silo.Claim(_now));
                break;
            case 2 or 3 when _onTheWay.Count > 0:
                Deliver(amount % _onTheWay.Count, answerArrives: kind == 2 || amount % 2 == 0);
                break;
            case 4 or 5:
                silo.Start(_now, amount);
                break;
            case 6:
                silo.Running -= Math.Min(silo.Running, amount);
                break;
            case 7:
                Pass(TimeSpan.FromSeconds(amount / 2.0));
                break;
            case 8 when amount == 0:
                // The silo dies, its calls with it, and one with a new address comes in its place.
                _silos[number] = new Actor(LeaseBookTests.Silo(_restarts++));
                break;
            case 9 when amount < 3:
                _book = new LeaseBook(Guid.NewGuid());
                _openedAt = _now;
                break;
        }
    }

    private void Pass(TimeSpan time)
    {
        // Renewals come every 3 seconds: a silo with calls running has spoken before a new lender stops waiting.
        foreach (var silo in _silos.Where(silo => silo.Running > 0 && _now + time >= _openedAt + LeaseTimes.Lease && _now < _openedAt + LeaseTimes.Lease))
        {
            for (var claims = 0; claims < 2; claims++)
            {
                _onTheWay.Add(silo.Claim(_now));
                Deliver(_onTheWay.Count - 1, answerArrives: true);
            }
        }

        _now += time;
    }

    private void Deliver(int index, bool answerArrives)
    {
        var claim = _onTheWay[index];
        _onTheWay.RemoveAt(index);
        if (_silos.SingleOrDefault(silo => silo.Address.Equals(claim.Silo)) is not { } sender)
        {
            return;
        }

        var lease = _book.Lend(claim, limit, _silos.Select(silo => silo.Address).ToHashSet(), _now - _openedAt);
        if (answerArrives)
        {
            sender.Take(claim.Round, lease);
        }
    }

    private sealed class Actor(SiloAddress address)
    {
        private long _round;
        private TimeSpan _claimedAt;
        private Guid _lender;
        private int _places;
        private TimeSpan _ends;

        public SiloAddress Address { get; } = address;

        public int Running { get; set; }

        public int Waiting { get; set; }

        public LeaseClaim Claim(TimeSpan now)
        {
            _claimedAt = now;
            return new()
            {
                Silo = Address,
                Round = ++_round,
                Held = now < _ends ? _places : 0,
                Running = Running,
                Waiting = Waiting,
                Cap = 100,
                Lender = _lender,
            };
        }

        public void Take(long round, ProviderLease lease)
        {
            if (round == _round)
            {
                _lender = lease.Lender;
                _places = lease.Places;
                _ends = _claimedAt + lease.Duration - LeaseTimes.Margin;
            }
        }

        public void Start(TimeSpan now, int calls)
        {
            if (now < _ends)
            {
                Running = Math.Max(Running, Math.Min(_places, Running + calls));
            }
        }
    }
}
