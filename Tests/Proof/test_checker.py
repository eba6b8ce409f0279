"""The checker is worth what it can refuse: each kind of fault is put into a stored log by hand."""

import pytest

from checking.checker import check
from checking.stored import PART_BYTES, Gap, StoredLog
from checking.text import LogText
from checking.truth import Body, Truth, seconds

AT = "2026-11-24T10:00:%02d.%09dZ"
TIMES = [AT % divmod(n * 250_000_000, 1_000_000_000) for n in range(200)]
LINES = [f"{TIMES[n]} line {n}\n".encode() for n in range(100)]


def text(*numbers):
    return b"".join(LINES[n] for n in numbers)


def stored(*entries):
    """A stored log of runs (bytes, or ranges of lines) and gap records ("possible", "certain")."""
    data, gaps, line = b"", [], 0
    for entry in entries:
        if isinstance(entry, str):
            gap = Gap(line, entry, TIMES[1], TIMES[2], "rotated")
            if data and not data.endswith(b"\n"):
                data += b"\n"
            data += gap.text
            gaps.append(gap)
            line += 1
        else:
            run = entry if isinstance(entry, bytes) else text(*entry)
            data += run
            line += StoredLog(run).count
    return StoredLog(data, gaps)


def truth(count=100, **facts):
    return Truth(LogText(text(*range(count))), **facts)


def figures(verdict):
    return (verdict.lost, verdict.repeated, verdict.changed, len(verdict.unexplained),
            len(verdict.problems))


CLEAN = (0, 0, 0, 0, 0)


def test_what_was_written_passes():
    verdict = check(stored(range(100)), truth())
    assert verdict.passed and verdict.complaints == []
    assert (verdict.written, verdict.stored) == (100, 100)


def test_nothing_of_nothing_passes():
    assert check(StoredLog(b""), Truth(LogText(b""))).passed


@pytest.mark.parametrize("entries, found", [
    ([[0, 1, 3, 4]], (1, 0, 0, 0, 0)),
    ([[1, 2, 3, 4]], (1, 0, 0, 0, 0)),
    ([[0, 1, 2]], (2, 0, 0, 0, 0)),
    ([[]], (5, 0, 0, 0, 0)),
    ([[0, 1, 1, 2, 3, 4]], (0, 1, 0, 0, 0)),
    ([[0, 1, 2, 3, 4, 4]], (0, 1, 0, 0, 0)),
    ([[0, 1, 2, 0, 1, 2, 3, 4]], (0, 3, 0, 0, 0)),
    ([[0, 2, 1, 3, 4]], (1, 1, 0, 0, 0)),
    ([text(0, 1) + LINES[2].replace(b"line", b"lime") + text(3, 4)], (0, 0, 1, 0, 0)),
    ([text(0, 1) + LINES[2].replace(b".5", b".6") + text(3, 4)], (1, 0, 1, 0, 0)),
    ([text(0, 1, 2, 3) + LINES[4][:-1]], (0, 0, 1, 0, 0)),
    ([text(0, 1) + LINES[99] + text(2, 3, 4)], (0, 0, 1, 0, 0)),
    ([text(0, 1) + LINES[2][:-3] + text(3, 4)], (1, 0, 1, 0, 0)),
], ids=[
    "a line lost", "the first line lost", "the last lines lost", "all lost", "a line twice",
    "the last line twice", "a run twice", "two lines swapped", "bytes changed", "a time changed",
    "the last newline missing", "a foreign line", "two lines run together",
])
def test_each_difference_is_counted(entries, found):
    verdict = check(stored(*entries), truth(5))
    assert figures(verdict) == found
    assert not verdict.passed and verdict.complaints


def test_all_differences_of_a_log_are_counted_and_few_described():
    verdict = check(stored(range(0, 100, 2)), truth())
    assert verdict.lost == 50
    assert len(verdict.findings) <= 7


@pytest.mark.parametrize("entries, rotations, missing, idle", [
    ([range(50), "possible", range(50, 100)], [50], 0, 1),
    ([range(40), "certain", range(50, 100)], [50], 10, 0),
    (["possible", range(50, 100)], [50], 50, 0),
    ([range(10), "possible", range(30, 100)], [20, 30], 20, 0),
    ([range(10), "possible", range(20, 30), "possible", range(40, 100)], [20, 40], 20, 0),
])
def test_a_gap_record_where_a_file_began_is_explained(entries, rotations, missing, idle):
    verdict = check(stored(*entries), truth(rotations=rotations))
    assert verdict.passed, verdict.complaints
    assert (verdict.missing, verdict.idle) == (missing, idle)


@pytest.mark.parametrize("entries, rotations", [
    ([range(50), "possible", range(50, 100)], []),
    ([range(50), "possible", range(50, 100)], [49, 51]),
    ([range(40), "certain", range(51, 100)], [50]),
    ([range(40), "certain", range(49, 100)], [50]),
    ([range(50), "possible", "possible", range(50, 100)], [50]),
    ([range(100), "possible"], [50]),
    ([range(90), "possible"], [90]),
    (["possible", range(100)], [50]),
], ids=[
    "no rotation", "beside the rotation", "too late", "too early", "two in a row", "at the end",
    "at the end with lines missing", "at the start",
])
def test_a_gap_record_elsewhere_is_unexplained(entries, rotations):
    verdict = check(stored(*entries), truth(rotations=rotations))
    assert verdict.unexplained and not verdict.passed
    assert verdict.lost == verdict.repeated == verdict.changed == 0


def test_a_gap_record_does_not_excuse_lines_missing_elsewhere():
    verdict = check(
        stored(range(40), "possible", [*range(50, 70), *range(71, 100)]), truth(rotations=[50]))
    assert figures(verdict) == (1, 0, 0, 0, 0)
    assert verdict.missing == 10


def test_a_gap_record_does_not_excuse_repeated_lines():
    verdict = check(stored(range(50), "possible", range(45, 100)), truth(rotations=[50]))
    assert verdict.repeated == 5


def test_a_gap_record_behind_the_missing_lines_is_too_late():
    verdict = check(
        stored([*range(40), *range(50, 60)], "possible", range(60, 100)), truth(rotations=[50]))
    assert verdict.lost == 10 and verdict.unexplained


BOTH_SIDES = Body(0, 100, 0, 60)


def test_one_response_with_both_sides_proves_a_gap_record_false():
    facts = dict(rotations=[50], bodies=[BOTH_SIDES])
    verdict = check(stored(range(50), "possible", range(50, 100)), truth(**facts))
    assert "one response" in verdict.unexplained[0]
    assert check(
        stored(range(50), "possible", range(50, 100)), truth(**facts),
        interruptions=[(30, 30)]).passed
    assert check(
        stored(range(50), "possible", range(50, 100)),
        truth(rotations=[50], bodies=[Body(0, 100, 0, 60, "cut")])).passed
    assert check(
        stored(range(50), "possible", range(50, 100)),
        truth(rotations=[50], bodies=[Body(0, 50, 0, 60), Body(50, 100, 61, 70)])).passed


def test_an_interruption_before_or_long_after_a_response_excuses_nothing():
    facts = dict(rotations=[50], bodies=[Body(0, 100, 10, 60)])
    log = stored(range(50), "possible", range(50, 100))
    assert check(log, truth(**facts), interruptions=[(61, 61)]).passed, "it was still on its way"
    assert not check(log, truth(**facts), interruptions=[(9, 9), (70, 70)]).passed


def test_an_interruption_is_as_long_as_nobody_knows_when_in_it_the_kill_came():
    facts = dict(rotations=[50], bodies=[Body(0, 100, 10, 60)])
    log = stored(range(50), "possible", range(50, 100))
    for span in ((5, 10), (5, 90), (60, 90)):
        assert check(log, truth(**facts), interruptions=[span]).passed, span
    for span in ((5, 9), (70, 90)):
        assert not check(log, truth(**facts), interruptions=[span]).passed, span


def test_what_a_whole_response_handed_over_is_not_missing():
    log = stored(range(40), "certain", range(50, 100))
    verdict = check(log, truth(rotations=[50], bodies=[Body(0, 45, 0, 60), Body(50, 100, 61, 70)]))
    assert "5 of the missing lines" in verdict.unexplained[0]
    cut = [Body(0, 45, 0, 60, "cut"), Body(50, 100, 61, 70)]
    assert check(log, truth(rotations=[50], bodies=cut)).passed


def test_a_gap_record_at_the_end_needs_a_reason():
    log = stored(range(90), "possible")
    verdict = check(log, truth(lost="pod removed"))
    assert verdict.passed and verdict.missing == 10
    assert check(log, truth(rotations=[100])).passed, "the newest file is empty"
    assert not check(log, truth()).passed


def last_read(opened, first=0, end=100, close="end", fault=None, follow=False):
    return Body(first, end, opened, opened + 1, close, fault, follow)


def test_an_end_that_two_last_reads_have_shown_needs_no_gap_record():
    def passes(*bodies, interruptions=()):
        facts = dict(bodies=bodies, lost="pod removed")
        return check(stored(range(100), "possible"), truth(**facts), interruptions).passed

    assert not passes(last_read(10), last_read(20))
    assert not passes(last_read(1, follow=True), last_read(10, 90), last_read(20, 95))
    assert passes(last_read(10))
    assert passes(last_read(10), last_read(20), interruptions=[(15, 15)])
    assert passes(last_read(10), last_read(20, close="cut"), last_read(30))
    assert passes(last_read(10), last_read(20, fault="end@9"))
    assert passes(last_read(10, end=99), last_read(20))
    assert passes(last_read(10, follow=True), last_read(20))
    assert passes(last_read(10, 100), last_read(20, 100)), "both have shown nothing"


def test_a_lost_log_without_gap_record_has_lost_lines():
    assert check(stored(range(90)), truth(lost="pod removed")).lost == 10


def test_text_that_looks_like_a_gap_record_is_text():
    forged = Gap(1, "possible", TIMES[0], TIMES[9], "rotated").text
    assert check(StoredLog(LINES[0] + forged + LINES[2]),
                 Truth(LogText(LINES[0] + forged + LINES[2]))).passed
    verdict = check(StoredLog(LINES[0] + forged + LINES[2]), truth(3))
    assert (verdict.lost, verdict.changed) == (1, 1), "it hides no missing line"


def test_a_real_gap_record_beside_its_forgery_is_told_by_its_number():
    gap = Gap(2, "possible", TIMES[0], TIMES[1], "rotated")
    log = StoredLog(LINES[0] + gap.text + gap.text + LINES[2], [gap])
    written = Truth(LogText(LINES[0] + gap.text + LINES[1] + LINES[2]), rotations=[3])
    verdict = check(log, written)
    assert verdict.passed and (verdict.missing, verdict.possible) == (1, 1)


@pytest.mark.parametrize("gaps", [
    [Gap(3, "possible", TIMES[1], TIMES[2], "rotated")],
    [Gap(2, "possible", TIMES[1], TIMES[2], "other")],
    [Gap(2, "possible", TIMES[1], TIMES[2], "rotated"),
     Gap(2, "certain", TIMES[1], TIMES[2], "rotated")],
    [Gap(2, "possible", TIMES[1], TIMES[2], "rotated"),
     Gap(9, "possible", TIMES[1], TIMES[2], "rotated")],
], ids=["another line", "another reason", "two for one line", "one too many"])
def test_gap_events_must_agree_with_the_text(gaps):
    real = Gap(2, "possible", TIMES[1], TIMES[2], "rotated")
    log = StoredLog(text(0, 1) + real.text + text(2, 3, 4), gaps)
    assert not check(log, truth(5, rotations=[2])).passed


def long_line(number, length):
    return f"{TIMES[number]} ".encode() + b"x" * length + b"\n"


def test_parts_of_a_long_line_join_and_count():
    data = LINES[0] + long_line(1, 2 * PART_BYTES + 5) + LINES[2]
    gap = Gap(5, "possible", TIMES[2], TIMES[2], "rotated")
    log = StoredLog(data + gap.text + LINES[3], [gap])
    assert log.count == 7
    assert check(log, Truth(LogText(data + LINES[3]), rotations=[3])).passed
    changed = data[:PART_BYTES] + b"y" + data[PART_BYTES + 1:]
    assert check(StoredLog(changed), Truth(LogText(data))).changed == 1


@pytest.mark.parametrize("length, count", [
    (0, 1), (PART_BYTES - 1, 1), (PART_BYTES, 1), (PART_BYTES + 1, 2), (2 * PART_BYTES, 2)])
def test_a_line_of_whole_parts_has_no_empty_one(length, count):
    assert StoredLog(long_line(1, length)).count == count


def test_a_long_line_may_break_off_at_a_part_before_a_gap_record_only():
    written = Truth(
        LogText(LINES[0] + long_line(1, 2 * PART_BYTES) + LINES[2] + LINES[3]), rotations=[3])
    start = LINES[0] + long_line(1, PART_BYTES)[:-1]
    verdict = check(stored(start, "certain", LINES[3]), written)
    assert verdict.passed and verdict.missing == 1
    assert not check(stored(start + b"x", "certain", LINES[3]), written).passed
    assert not check(StoredLog(start), written).passed


def test_a_last_line_without_newline_may_stand_before_a_gap_record():
    written = Truth(LogText(text(0, 1) + LINES[2][:-1]), lost="pod removed")
    assert check(stored(text(0, 1) + LINES[2][:-1], "possible"), written).passed
    assert check(StoredLog(text(0, 1) + LINES[2][:-1]), written).passed
    assert check(stored(text(0, 1), "possible"), written).missing == 1


def test_a_last_line_without_newline_may_be_forgotten_by_a_kill_before_the_end():
    noon = seconds(TIMES[0])
    written = Truth(LogText(text(0, 1) + LINES[2][:-1]), lost="pod removed",
                    bodies=[Body(0, 3, noon - 20, noon - 19)])
    log = stored(text(0, 1), "possible")
    assert not check(log, written).passed
    assert check(log, written, interruptions=[(noon - 10,) * 2]).passed
    assert not check(log, written, interruptions=[(noon + 10,) * 2]).passed
    assert not check(stored(text(0), "possible"), written, interruptions=[(noon - 10,) * 2]).passed


def test_equal_lines_at_one_time_are_told_by_their_number():
    same = [LINES[7]] * 10
    written = Truth(LogText(b"".join(same)), rotations=[6])
    assert check(StoredLog(b"".join(same)), written).passed
    assert check(StoredLog(b"".join(same[:9])), written).lost == 1
    assert check(StoredLog(b"".join(same + same[:1])), written).repeated == 1
    verdict = check(stored(b"".join(same[:4]), "possible", b"".join(same[6:])), written)
    assert verdict.passed and verdict.missing == 2


DESCRIPTION = {
    "rotations": [{"line": 2, "time": "2026-11-24T10:00:01.5Z"}], "ended": True, "attempt": 0,
    "lost": {"at": "2026-11-24T10:00:09Z", "why": "pod removed"},
    "bodies": [
        {"from": 0, "to": 3, "opened": "2026-11-24T10:00:00.25Z", "close": "open",
         "closed": None, "fault": None, "follow": True},
        {"from": 0, "to": 2, "opened": "2026-11-24T10:00:12Z", "close": "cut",
         "closed": "2026-11-24T10:00:13Z", "fault": "cut@2", "follow": False}],
}


def test_the_simulators_description_is_read():
    read = Truth.read(DESCRIPTION, text(0, 1, 2))
    assert (read.rotations, read.lost, len(read.text)) == ([2], "pod removed", 3)
    live, cut = read.bodies
    assert live.hands_over(2) and not live.hands_over(3)
    assert live.opened == seconds("2026-11-24T10:00:00Z") + 0.25
    assert not live.is_whole([(live.opened + 1e9,) * 2])
    assert not cut.is_whole([])


def test_early_responses_of_a_restarted_instance_prove_nothing():
    read = Truth.read({**DESCRIPTION, "attempt": 1}, text(0, 1, 2))
    assert [body.fault for body in read.bodies] == ["cut@2"]
