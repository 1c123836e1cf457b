"""The benchmark's made-up house is the same each time, and its cases end."""

from itertools import islice

from caseloom.cli.bench.learning import events


def test_the_same_events_come_each_time() -> None:
    first, again = (list(islice(events(5000), 5000)) for _ in range(2))
    assert first == again
    moments = [step.at for _, step, _ in first]
    assert moments == sorted(moments)
    ended = {case for case, _, last in first if last}
    assert len(ended) > 500
    after_the_end = set()
    for case, _, last in first:
        assert case not in after_the_end
        if last:
            after_the_end.add(case)
