"""What a run prints: what is wrong, one table of figures, and the count of streams."""

MOST_STREAMS, MOST_COMPLAINTS = 30, 4
"""Described of a run that failed; all are counted, and all are kept in its directory."""

LEAST = {"streams": 300, "lines": 1_000_000, "faults": 500, "kills": 20}
"""What one `make prove` must reach to count as one."""


def figures(judgement, run, seed, seconds):
    """The rows of the table, by name."""
    kinds = sorted(judgement.faults.items(), key=lambda item: -item[1])
    return {
        "seed": seed,
        "streams": len(judgement.streams),
        "lines": judgement.total("written"),
        "bytes": sum(stream.facts["bytes"] for stream in judgement.streams),
        "faults": sum(judgement.faults.values()),
        "by kind": ", ".join(f"{kind} {count}" for kind, count in kinds),
        "kills": run.kills,
        "gaps certain": judgement.total("certain"),
        "gaps possible": judgement.total("possible"),
        "of them idle": judgement.total("idle"),
        "missing at gaps": judgement.total("missing"),
        "LOST": judgement.total("lost"),
        "REPEATED": judgement.total("repeated"),
        "CHANGED": judgement.total("changed"),
        "unexplained": sum(len(stream.verdict.unexplained) for stream in judgement.streams),
        "other problems": len(judgement.problems) + sum(
            len(stream.verdict.problems) for stream in judgement.streams),
        "seconds": round(seconds),
    }


def shortfalls(rows, least):
    """Figures that are smaller than they must be."""
    return [
        f"{name} {rows[name]}, at least {least[name]} are needed"
        for name in least if rows[name] < least[name]]


def print_report(judgement, rows, shortfalls):
    for stream in judgement.failed[:MOST_STREAMS]:
        print(f"FAILED {stream}")
        for complaint in stream.verdict.complaints[:MOST_COMPLAINTS]:
            print(f"    {complaint}")
    for problem in judgement.problems[:MOST_STREAMS] + shortfalls:
        print(f"FAILED {problem}")
    print()
    for name, value in rows.items():
        print(f"{name:<16} {value:,}" if name != "seed" and isinstance(value, int)
              else f"{name:<16} {value}")
    print()


def print_count(judgement):
    failed = len(judgement.failed)
    print(f"{len(judgement.streams) - failed} passed, {failed} failed")
