"""Decisions over HTTP that are on disk before they are answered, beside the same with the log in memory.

Both are `wardlock pdp --audit`, on all cores; one has its log in a folder of the disk, the other in
/dev/shm. wrk asks both the same questions over 64 connections that are kept. A round measures one after
the other; what counts is the median of the rounds' ratios of requests a second.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile

from compare import HOSPITAL, hospital_questions
from servers import Load, Server

LEAST_RATIO = 0.7
PATH = "/access/v1/evaluation"


def serve(wardlock, log):
    return Server(wardlock, "pdp", "--policies", HOSPITAL, "--entities", HOSPITAL / "entities.json",
                  "--listen", "127.0.0.1:0", "--audit", log, core=None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wardlock", required=True)
    parser.add_argument("--folder", type=pathlib.Path, default=".", help="on the disk to measure")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2, help="for each server in each round")
    args = parser.parse_args()
    questions = hospital_questions()
    with tempfile.TemporaryDirectory(dir=args.folder) as disk, \
            tempfile.TemporaryDirectory(dir="/dev/shm") as memory, \
            serve(args.wardlock, f"{disk}/log") as durable, \
            serve(args.wardlock, f"{memory}/log") as volatile:
        for server in (durable, volatile):  # their subjects' keys, their segments
            Load(server, PATH, questions, 2)
        rounds = [[Load(server, PATH, questions, args.seconds) for server in (durable, volatile)]
                  for _ in range(args.rounds)]
    ratios = sorted(on_disk.rps / in_memory.rps for on_disk, in_memory in rounds)
    ratio = statistics.median(ratios)
    durable, volatile = [[statistics.median(getattr(loads[i], figure) for loads in rounds)
                          for figure in ("rps", "cpu_us", "p50_us", "p99_us")] for i in (0, 1)]
    print(f"load, 64 connections: {durable[0]:.0f} decisions/s on disk before their answers "
          f"(p50 {durable[2]:.0f} us, p99 {durable[3]:.0f} us, {durable[1]:.0f} us of processor), "
          f"{volatile[0]:.0f} with the log in memory (p50 {volatile[2]:.0f} us, p99 "
          f"{volatile[3]:.0f} us, {volatile[1]:.0f} us of processor); {ratio:.2f} of them (median of "
          f"{len(ratios)}; quartiles {ratios[len(ratios) // 4]:.2f} and "
          f"{ratios[len(ratios) * 3 // 4]:.2f}), at least {LEAST_RATIO:.2f}")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
