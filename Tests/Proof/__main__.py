"""Proves capture: many jobs on a simulated cluster, faults and kills by seed, every line compared.

    python3 Tests/Proof --seed 1                 is `make prove`
    python3 Tests/Proof --seed 1 --minutes 60    is `make soak SEED=1 MINUTES=60`

PODWIRE_BIN_DIR says where podwire and podwire-sim are. What a run leaves is kept where it fails.
"""

import argparse
import random
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "EndToEnd"))

from judgement import Judgement, settle  # noqa: E402
from processes import REPOSITORY  # noqa: E402
from report import LEAST, figures, print_count, print_report, shortfalls  # noqa: E402
from run import Run  # noqa: E402
from schedule import draw_schedule  # noqa: E402

PROVE_MINUTES = 3.1
PODS_A_MINUTE = 90
LONGEST_END = 240
"""Seconds within which the daemon must have noticed every end, when all faults by plan are over."""


def options():
    parser = argparse.ArgumentParser(prog="Tests/Proof", description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="how long Pods are made and print")
    parser.add_argument("--pods", type=int, help=f"{PODS_A_MINUTE} a minute by default")
    chosen = parser.parse_args()
    if chosen.minutes is None and chosen.pods is None:
        chosen.least = LEAST
        chosen.again = f"make prove SEED={chosen.seed}"
    else:
        chosen.least = {}
        chosen.again = f"make soak SEED={chosen.seed} MINUTES={chosen.minutes or PROVE_MINUTES}"
        if chosen.pods:
            chosen.again += f" PODS={chosen.pods}"
    chosen.minutes = chosen.minutes or PROVE_MINUTES
    chosen.pods = chosen.pods or round(PODS_A_MINUTE * chosen.minutes)
    return chosen


def say(text):
    print(f"proof: {text}", file=sys.stderr, flush=True)


def prove(chosen, directory):
    """One run; returns whether all is proven."""
    began = time.monotonic()
    schedule = draw_schedule(random.Random(chosen.seed), chosen.pods, chosen.minutes * 60)
    run = Run(directory, chosen.seed, schedule)
    try:
        say(f"seed {chosen.seed}: {len(schedule.pods)} Pods, {len(schedule.kills)} kills or more")
        run.carry_out()
        say("all Pods were made; waiting for the ends")
        if not settle(run, LONGEST_END):
            say(f"not everything has ended after {LONGEST_END} s")
        say("comparing")
        judgement = Judgement(run, directory)
    except BaseException:
        run.abandon()
        raise
    run.stop()
    rows = figures(judgement, run, chosen.seed, time.monotonic() - began)
    short = shortfalls(rows, chosen.least)
    print_report(judgement, rows, short)
    passed = not (judgement.failed or judgement.problems or short)
    if not passed:
        print(f"kept: {directory}\nagain: {chosen.again}\n")
    print_count(judgement)
    return passed


def main():
    chosen = options()
    directory = REPOSITORY / ".build" / "proof" / f"{chosen.seed}-{int(time.time())}"
    directory.mkdir(parents=True)
    passed = prove(chosen, directory)
    if passed:
        shutil.rmtree(directory)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
