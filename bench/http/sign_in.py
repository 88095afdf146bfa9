"""Signing in with a password through the pages of `wardlock serve`, which keeps a directory and a log.

Hashes cost what `wardlock config tune-passwords` finds for this machine, and then no more than they
have to (two passes over 19 MiB).

Rate: the server has one core and one thread that hashes; people sign in from the other core. A round
measures that and then Argon2id alone on the server's core: what counts is the median of the ratios at
the tuned cost. At the least cost it is told, and shows what a sign-in takes beside its hash.

Storm: on the same core as the hashing one thread decides, at 30 % of what it could do at rest. A round
measures the decisions' 99th percentile without and with people who sign in as fast as they get an
answer; what counts is by how much the median of the rounds' ratios is above one.
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from servers import CLIENT_CORE, SERVER_CORE, Load, pin

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "src" / "cli"))

LEAST_RATE = 0.9
MOST_RISE = 1.2
LOAD = 0.3
PEOPLE = 160
CLIENTS = 4
CONNECTIONS = 64
PASSWORD = "correct horse battery staple"
PATH = "/access/v1/evaluation"


class Cost:
    """Of one hash."""

    def __init__(self, name, passes, memory):
        self.name, self.passes, self.memory = name, passes, memory

    @property
    def mib(self):
        return int(self.memory.removesuffix("MiB"))

    def __str__(self):
        return f"{self.name} cost ({self.passes} passes over {self.mib} MiB)"


def tuned(wardlock):
    found = subprocess.run(pin(SERVER_CORE, [wardlock, "config", "tune-passwords", "--json"]),
                           capture_output=True, check=True)
    said = json.loads(found.stdout)
    return Cost("tuned", said["passes"], said["memory"])


LEAST = Cost("least", 2, "19MiB")


def start(folder, cost):
    """A server with people who have passwords, all of its threads on one core."""
    from browser import Browser
    from directory_site import Administrator, DirectorySite
    from serving import Serve, question
    site = DirectorySite(folder)
    site.config |= {"audit": {"directory": "log", "immutable": False}, "threads": 1,
                    "authentication": {"otherwise": "office", "hashing": {"threads": 1},
                                       "password": {"passes": cost.passes, "memory": cost.memory}},
                    "administration": {"quota": {"rate": 100000, "burst": 100000}}}
    site.token = site.add_caller("gate", quota={"rate": 1000000, "burst": 1000000})
    server = Serve(site)
    hale = Administrator(server, site.first[""])
    for i in range(PEOPLE):
        person = hale.create("people", "active", userName=f"p{i}")
        invited = hale.must("POST", f"people/{person}/invitation", {})
        if not Browser(server).enrol(invited["token"], PASSWORD):
            sys.exit("nobody could be enrolled")
    cores = sorted(os.sched_getaffinity(0))
    for task in os.listdir(f"/proc/{server.process.pid}/task"):
        os.sched_setaffinity(int(task), {cores[SERVER_CORE % len(cores)]})
    server.pid, server.url = server.process.pid, server.urls[0]
    return server, question()


class Client:
    """Somebody before a page of a workstation of its own, who signs in as one after the other."""

    def __init__(self, server, number):
        self.port = int(server.url.rsplit(":", 1)[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60,
                                                     source_address=(f"127.0.0.{10 + number}", 0))
        self.people = range(number, PEOPLE, CLIENTS)
        self.signed_in = 0
        self.csrf, self.cookie = None, ""
        page, headers = self.ask("GET", "/sign-in")
        self.cookie = "; ".join(line.split(";")[0] for line in headers.get_all("Set-Cookie"))
        self.csrf = re.search('name="csrf" value="([^"]*)"', page)[1]

    def ask(self, method, path, **fields):
        body = urllib.parse.urlencode({"csrf": self.csrf, "request": "", **fields}) if fields else None
        headers = {"Host": f"localhost:{self.port}", "Origin": f"http://localhost:{self.port}",
                   "Cookie": self.cookie}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        return reply.read().decode(), reply.headers

    def sign_in(self):
        name = f"p{self.people[self.signed_in % len(self.people)]}"
        page, _ = self.ask("POST", "/sign-in", do="begin", user=name)
        handle = re.search('name="handle" value="([^"]*)"', page)
        if not handle:
            raise AssertionError(f"nobody is asked for a password:\n{page}")
        page, headers = self.ask("POST", "/sign-in", do="password", handle=handle[1], user=name,
                              password=PASSWORD)
        if not any("session" in line for line in headers.get_all("Set-Cookie") or []):
            raise AssertionError(f"nobody was let in:\n{page}")
        self.signed_in += 1

    def run(self, is_over):
        while not is_over.is_set():
            self.sign_in()


class Storm:
    """People who sign in while it is entered, from the other core, after all that matters there."""

    def __init__(self, server):
        self.clients = [Client(server, number) for number in range(CLIENTS)]
        self.rate = 0

    def __enter__(self):
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(client,)) for client in self.clients]
        self.before = sum(client.signed_in for client in self.clients)
        self.begin = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def _run(self, client):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(threading.get_native_id(), {cores[CLIENT_CORE % len(cores)]})
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
        client.run(self.is_over)

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
        signed_in = sum(client.signed_in for client in self.clients) - self.before
        self.rate = signed_in / (time.monotonic() - self.begin)


def rate(server, hash_loop, cost, rounds, seconds):
    storm, found = Storm(server), []
    alone = pin(SERVER_CORE, [hash_loop, seconds, cost.passes, cost.mib])
    for _ in range(rounds):
        with storm:
            time.sleep(seconds)
        hashed = subprocess.run(alone, capture_output=True, check=True)
        found.append((storm.rate, float(hashed.stdout)))
    ratio = statistics.median(ours / bare for ours, bare in found)
    ours, bare = (statistics.median(column) for column in zip(*found))
    is_bound = cost is not LEAST
    print(f"signing in at the {cost}: {ours:.1f} people a second, Argon2id alone {bare:.1f} hashes; "
          f"{ratio:.3f} as many{f' (at least {LEAST_RATE})' if is_bound else ''}", flush=True)
    return ratio >= LEAST_RATE or not is_bound


def storm(server, body, cost, rounds, seconds):
    os.environ["WARDLOCK_TOKEN"] = server.site.token
    capacity = Load(server, PATH, [body], seconds).rps
    pause_ms = round(CONNECTIONS / (LOAD * capacity) * 1000)
    people, found = Storm(server), []

    def decisions():
        return Load(server, PATH, [body], seconds, CONNECTIONS, max(pause_ms, 1))
    for _ in range(rounds):
        rest = decisions()
        with people:
            beside = decisions()
        found.append((rest.p99_us, beside.p99_us, rest.rps, beside.rps, people.rate))
    rise = statistics.median(beside / rest for rest, beside, *_ in found)
    rest, beside, rest_rps, beside_rps, signed_in = (statistics.median(column) for column in zip(*found))
    print(f"{cost}: decisions at {rest_rps / capacity:.0%} of {capacity:.0f} a second: p99 {rest:.0f} us at rest, "
          f"{beside:.0f} us ({beside_rps:.0f} a second) beside {signed_in:.1f} people a second who sign in; "
          f"{rise:.2f} times (less than {MOST_RISE})")
    return rise < MOST_RISE


def measure(args, cost):
    with tempfile.TemporaryDirectory(dir=args.folder.resolve()) as folder:
        server, asked = start(folder, cost)
        try:
            good = args.part == "storm" or rate(server, args.hash_loop, cost, args.rounds, args.seconds)
            if args.part != "rate":
                good = storm(server, json.dumps(asked), cost, args.rounds, args.seconds) and good
        finally:
            server.stop()
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wardlock", required=True)
    parser.add_argument("--hash-loop", required=True)
    parser.add_argument("--folder", type=pathlib.Path, default=".", help="on the disk to measure")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3, help="for each measurement")
    parser.add_argument("--part", choices=["rate", "storm"])
    parser.add_argument("--cost", choices=["tuned", "least"], help="of a hash; without it both")
    args = parser.parse_args()
    os.environ["WARDLOCK"] = args.wardlock
    costs = [] if args.cost == "least" else [tuned(args.wardlock)]
    costs += [] if args.cost == "tuned" else [LEAST]
    return 0 if all([measure(args, cost) for cost in costs]) else 1


if __name__ == "__main__":
    sys.exit(main())
