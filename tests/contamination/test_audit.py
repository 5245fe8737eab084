"""Evidence shown and judged."""

from pathlib import Path

import pytest

from rarl_eval.contamination.audit import audit, marked, precision, record
from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import read_scan
from tests.contamination.made import benchmark, problems, run, write_jsonl

ITEMS = problems(6, seed=51)


def test_differences_are_marked() -> None:
    """Words that only one side has are marked on that side; case and punctuation are no difference."""
    assert marked("One two three, four.", "one TWO five four more") == (
        "One two [-three,-] four.",
        "one TWO {+five+} four {+more+}",
    )


def test_entries_can_be_filtered_judged_and_counted(tmp_path: Path) -> None:
    """Filters by level keep their entries; judgements, the last one counting, give the precision of each level."""
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": i.question} for i in ITEMS[:4]])
    scan = run([benchmark(ITEMS)], [corpus], tmp_path / "out")[0]
    assert [e.found.id for e in audit(scan, [benchmark(ITEMS)], levels=["exact"])] == ["0", "1", "2", "3"]
    assert list(audit(scan, [benchmark(ITEMS)], parts=["context"])) == []
    for n, judgement in ((0, "false"), (0, "true"), (1, "true"), (2, "passage")):
        record(tmp_path / "out", "made", ITEMS[n].key, judgement)
    again = read_scan(tmp_path / "out")
    assert [e.judgement for e in audit(again, [benchmark(ITEMS)], levels=["exact"])] == [
        "true",
        "true",
        "passage",
        None,
    ]
    exact, near = precision(again)[:2]
    assert (exact.judged, exact.true) == (3, 2)
    assert exact.value == pytest.approx(2 / 3)
    assert (round(exact.low or 0, 4), round(exact.high or 0, 4)) == (0.2077, 0.9385)
    assert near.value is None


def test_a_judgement_of_nothing_is_refused(tmp_path: Path) -> None:
    """An unknown item, one without evidence and an unknown judgement are one sentence each, and nothing is written."""
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": ITEMS[0].question}])
    run([benchmark(ITEMS)], [corpus], tmp_path / "out")
    with pytest.raises(BadInput, match="has no item"):
        record(tmp_path / "out", "made", "nothing", "true")
    with pytest.raises(BadInput, match="has no evidence to judge: it is clean"):
        record(tmp_path / "out", "made", ITEMS[1].key, "true")
    with pytest.raises(BadInput, match="is no judgement"):
        record(tmp_path / "out", "made", ITEMS[0].key, "maybe")
    assert not (tmp_path / "out" / "verdicts.jsonl").exists()
