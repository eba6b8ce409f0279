"""What is wrong with a run of lines that is not what was written."""

MOST_FINDINGS = 5
"""Places described in words, for one stream; all are counted."""


def diagnose(run, truth, position, verdict):
    """Compares line by line, counts into `verdict`, and returns the position behind the run."""
    places = {}
    for number, line in enumerate(truth.lines()):
        places.setdefault(line, []).append(number)
    for line in run:
        if position < len(truth) and truth.line(position) == line:
            position += 1
            continue
        found = places.get(line, [])
        later = next((number for number in found if number > position), None)
        if later is not None:
            verdict.lost += later - position
            _note(verdict, f"LOST {later - position} lines before line {later}", line)
            position = later + 1
        elif found:
            verdict.repeated += 1
            _note(verdict, f"REPEATED line {found[-1]}, where line {position} is due", line)
        else:
            verdict.changed += 1
            _note(verdict, f"CHANGED: not written by anyone, where line {position} is due", line)
            if position < len(truth) and _stamp(line) == _stamp(truth.line(position)):
                position += 1
    return position


def _stamp(line):
    return line.split(b" ", 1)[0]


def _note(verdict, what, line):
    if len(verdict.findings) < MOST_FINDINGS:
        verdict.findings.append(f"{what}: {line[:120]!r}")
    elif len(verdict.findings) == MOST_FINDINGS:
        verdict.findings.append("and more")
