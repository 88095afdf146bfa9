"""Decisions over HTTP beside a server that decides nothing, each on one core, in turns.

The two servers run on the same HTTP stack; wrk asks both the same questions, on another core where
there is one. A round measures one after the other; what counts is the median of the rounds' ratios.
Two ratios are given: of requests a second, and of the processor time that a request takes the server,
which holds even where wrk is the slower side or the machine is busy. The lower one is judged.
"""
import argparse
import json
import pathlib
import statistics
import sys

from servers import Load, Server

HOSPITAL = pathlib.Path(__file__).parents[2] / "policies" / "hospital"
LEAST_RATIO = 0.5


def hospital_questions():
    lines = (HOSPITAL / "questions.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wardlock", required=True)
    parser.add_argument("--noop", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3, help="for each server in each round")
    args = parser.parse_args()
    questions = hospital_questions()
    for question in questions:
        json.loads(question)
    with Server(args.noop, "--threads", 1) as noop, \
            Server(args.wardlock, "pdp", "--policies", HOSPITAL, "--entities",
                   HOSPITAL / "entities.json", "--listen", "127.0.0.1:0", "--threads", 1) as wardlock:
        ratios = []
        print(f"{len(questions)} questions in turn, 64 connections, one core a server")
        print("         requests/s               processor us/request")
        print("round    no-op decisions ratio    no-op decisions ratio")
        for number in range(1, args.rounds + 1):
            idle, decided = [Load(server, "/access/v1/evaluation", questions, args.seconds)
                             for server in (noop, wardlock)]
            ratios.append((decided.rps / idle.rps, idle.cpu_us / decided.cpu_us))
            print(f"{number:5} {idle.rps:8.0f} {decided.rps:9.0f} {ratios[-1][0]:5.3f} "
                  f"{idle.cpu_us:8.2f} {decided.cpu_us:9.2f} {ratios[-1][1]:5.3f}", flush=True)
    rate, processor = (statistics.median(column) for column in zip(*ratios))
    print(f"median ratios {rate:.3f} and {processor:.3f}; at least {LEAST_RATIO} of each is wanted")
    return 0 if min(rate, processor) >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
