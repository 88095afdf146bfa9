"""Decisions over HTTP beside a server that decides nothing, each on one core, in turns.

The two servers run on the same HTTP stack; wrk asks both the same questions, on another core where
there is one. A round measures one after the other; what counts is the median of the rounds' ratios.
Two ratios are given: of requests a second, and of the processor time that a request takes the server,
which holds even where wrk is the slower side or the machine is busy. The lower one is judged.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
HOSPITAL = HERE.parent.parent / "policies" / "hospital"
LEAST_RATIO = 0.5


def hospital_questions():
    """Those of questions.txt, and every case of the hospital that a plain question can put."""
    lines = (HOSPITAL / "questions.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


class Server:
    def __init__(self, *command):
        self.process = subprocess.Popen(pin(0, command), stdout=subprocess.PIPE, text=True)
        found = re.search(r"127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        if not found:
            sys.exit(f"{command[0]} did not start")
        self.url = f"http://127.0.0.1:{found[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def pin(core, command):
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core % len(cores)]), *map(str, command)]


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(server, questions, seconds):
    """Requests a second, and the server's processor time for each in microseconds."""
    before = processor_seconds(server.process)
    command = pin(1, ["wrk", "-t1", "-c64", f"-d{seconds}s", "-s", HERE / "questions.lua", server.url])
    out = subprocess.run(command, env=os.environ | {"WARDLOCK_QUESTIONS": str(questions)},
                         capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"not every question was answered:\n{out}")
    requests = int(re.search(r"(\d+) requests in", out)[1])
    spent = processor_seconds(server.process) - before
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), spent / requests * 1e6


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
    with tempfile.NamedTemporaryFile("w") as file, \
            Server(args.noop, "--threads", 1) as noop, \
            Server(args.wardlock, "pdp", "--policies", HOSPITAL, "--entities",
                   HOSPITAL / "entities.json", "--listen", "127.0.0.1:0", "--threads", 1) as wardlock:
        file.write("\n".join(questions) + "\n")
        file.flush()
        ratios = []
        print(f"{len(questions)} questions in turn, 64 connections, one core a server")
        print("         requests/s               processor us/request")
        print("round    no-op decisions ratio    no-op decisions ratio")
        for number in range(1, args.rounds + 1):
            (idle, idle_us), (decided, decided_us) = [
                measure(server, file.name, args.seconds) for server in (noop, wardlock)]
            ratios.append((decided / idle, idle_us / decided_us))
            print(f"{number:5} {idle:8.0f} {decided:9.0f} {decided / idle:5.3f} "
                  f"{idle_us:8.2f} {decided_us:9.2f} {idle_us / decided_us:5.3f}", flush=True)
    rate, processor = (statistics.median(column) for column in zip(*ratios))
    print(f"median ratios {rate:.3f} and {processor:.3f}; at least {LEAST_RATIO} of each is wanted")
    return 0 if min(rate, processor) >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
