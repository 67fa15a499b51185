"""``python -m benchmarks.mutation [SUBJECT...]``: mutates the rules, and lists what no test notices."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.mutation.subjects import SUBJECTS, Subject
from benchmarks.mutation.workshop import Workshop

ROOT = Path(__file__).parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("subjects", nargs="*", help=f"of {', '.join(SUBJECTS)}, or a file; without one: all of them")
    parser.add_argument("--tests", nargs="+", default=["tests/unit"], help="for a file: tests that may kill a mutant")
    parser.add_argument("--most", type=int, default=300, help="mutants of a file that are tried, drawn at random")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--anew", action="store_true", help="forget the results of the last run")
    given = parser.parse_args()
    survived = 0
    for name in given.subjects or SUBJECTS:
        subject = SUBJECTS.get(name)
        if subject is None:
            if not (ROOT / name).is_file():
                parser.error(f"{name} is neither a subject nor a file")
            subject = Subject((name,), tuple(given.tests))
        workshop = Workshop(ROOT, name.replace("/", "."), subject)
        if given.anew:
            workshop.prepare()
        for found in workshop.run(most=given.most, seed=given.seed, at_once=given.at_once):
            of_all = "" if found.mutants == len(found.tried) else f", of {found.mutants} mutants"
            print(f"{found.file}: {found.killed} of {len(found.tried)} killed{of_all}", flush=True)
            for mutant in found.survivors:
                print(f"\n  {mutant}\n" + workshop.show(mutant), flush=True)
            survived += len(found.survivors)
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main())
