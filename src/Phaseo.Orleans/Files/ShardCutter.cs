using System.Collections.Immutable;

namespace Phaseo.Orleans.Files;

/// <summary>
/// Cuts a file into shards while its rows go by. A shard starts at its first row and ends with its last one; blank
/// lines between two shards belong to neither.
/// </summary>
internal sealed class ShardCutter(int maxRows, int maxBytes)
{
    private readonly ImmutableArray<ShardSlice>.Builder _shards = ImmutableArray.CreateBuilder<ShardSlice>();
    private int _row;
    private int _rows;
    private long _start;
    private long _end;
    private int _line;

    /// <summary>The next row.</summary>
    public void Add(in InputLine row)
    {
        if (_rows == maxRows || (_rows > 0 && row.Offset + row.Length - _start > maxBytes))
        {
            Close();
        }

        if (_rows == 0)
        {
            _start = row.Offset;
            _line = row.Number;
        }

        _rows++;
        _end = row.Offset + row.Length;
    }

    /// <summary>All shards, when all rows have gone by.</summary>
    public ImmutableArray<ShardSlice> ToImmutable()
    {
        if (_rows > 0)
        {
            Close();
        }

        return _shards.ToImmutable();
    }

    private void Close()
    {
        _shards.Add(new ShardSlice(_start, (int)(_end - _start), _row, _rows, _line));
        _row += _rows;
        _rows = 0;
    }
}
