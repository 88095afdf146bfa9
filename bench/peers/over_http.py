"""Decisions over HTTP: `wardlock pdp` with the hospital, Cerbos with the same hospital in its language, and
a server on our HTTP stack that decides nothing. Each has a core for itself while it is asked."""
import contextlib
import http.client
import random
import re
import statistics
import subprocess
import sys
import time

from hospital_questions import read_questions
from servers import Cerbos, Load, Server, answer, resident_megabytes

OUR_PATH, CERBOS_PATH = "/access/v1/evaluation", "/api/check/resources"
LEAST_ALLOW_SHARE = 0.4
CONNECTIONS = 64
PACED_CONNECTIONS = 256


def measure(programs, hospital, rounds, seconds):
    """Medians over the rounds, by server; what was asked; and what a start takes. Without Cerbos' program
    the others are measured."""
    with contextlib.ExitStack() as running:
        ours = running.enter_context(
            Server(*pdp_command(programs["wardlock"], hospital), "--threads", 1))
        noop = running.enter_context(Server(programs["noop"], "--threads", 1))
        servers = {"noop": noop, "ours": ours}
        if programs["cerbos"]:
            servers["cerbos"] = running.enter_context(
                Cerbos(programs["cerbos"], programs["cerbos_policies"]))
        asked = same_decisions(ours, servers.get("cerbos"),
                               read_questions(programs["wardlock"], hospital))
        chosen = balanced(asked)
        idle = {name: resident_megabytes(server.pid) for name, server in servers.items()}
        found = take_turns(servers, chosen, rounds, seconds)
        for name, server in servers.items():
            found[name] |= {"ready_mb": idle[name], "loaded_mb": resident_megabytes(server.pid)}
        paced = at_equal_load({"noop": noop, "ours": ours}, chosen, rounds, seconds,
                              found["ours"]["rps"] / 2)
    return {"servers": found, "paced": paced, "questions": len(asked), "timed": len(chosen),
            "allow_share": sum(allowed for allowed, *_ in chosen) / len(chosen),
            "idle_rss_mb": idle_memory(programs["wardlock"], hospital),
            "start_ms": start_to_decision(programs["wardlock"], hospital)}


def pdp_command(wardlock, hospital):
    return [wardlock, "pdp", "--policies", hospital, "--entities", hospital / "entities.json",
            "--listen", "127.0.0.1:0"]


def same_decisions(ours, cerbos, questions):
    """(allowed, our body, Cerbos' body) of each; stops where the two decide differently."""
    asked = []
    for our_body, cerbos_body, name in questions:
        allowed = answer(ours, OUR_PATH, our_body)["decision"]
        if cerbos and allowed != cerbos_allows(cerbos, cerbos_body):
            sys.exit(f"decided differently: {name}\n{our_body}\n{cerbos_body}")
        asked.append((allowed, our_body, cerbos_body))
    return asked


def cerbos_allows(cerbos, body):
    reply = answer(cerbos, CERBOS_PATH, body)
    return list(reply["results"][0]["actions"].values()) == ["EFFECT_ALLOW"]


def balanced(asked):
    """All that are allowed, and so many of the denied that the allowed have their share."""
    allowed = [question for question in asked if question[0]]
    denied = [question for question in asked if not question[0]]
    count = min(len(denied), int(len(allowed) * (1 / LEAST_ALLOW_SHARE - 1)))
    chosen = allowed + random.Random(1).sample(denied, count)
    random.Random(2).shuffle(chosen)
    return chosen


def load(name, server, chosen, seconds, **pace):
    bodies = [body for _, _, body in chosen] if name == "cerbos" else [body for _, body, _ in chosen]
    path = CERBOS_PATH if name == "cerbos" else OUR_PATH
    return Load(server, path, bodies, seconds, **pace)


def take_turns(servers, chosen, rounds, seconds):
    taken = {name: [] for name in servers}
    for name, server in servers.items():  # caches, branch predictors, Go's heap
        load(name, server, chosen, 1, connections=CONNECTIONS)
    for number in range(1, rounds + 1):
        for name, server in servers.items():
            taken[name].append(load(name, server, chosen, seconds, connections=CONNECTIONS))
        print(f"  round {number}: " + ", ".join(f"{name} {loads[-1].rps:.0f}/s"
                                               for name, loads in taken.items()), file=sys.stderr)
    return {name: medians(loads) for name, loads in taken.items()}


def medians(loads):
    return {figure: statistics.median(getattr(load, figure) for load in loads)
            for figure in ("rps", "busy", "cpu_us", "p50_us", "p99_us")}


def at_equal_load(servers, chosen, rounds, seconds, rps):
    """Both servers asked as often, by connections that pause between questions."""
    pause = max(1, round(PACED_CONNECTIONS / rps * 1000))
    taken = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            taken[name].append(load(name, server, chosen, seconds, connections=PACED_CONNECTIONS,
                                    pause_ms=pause))
    return {name: medians(loads) for name, loads in taken.items()}


def first_decision(wardlock, hospital):
    """A started server with its default threads, and the milliseconds to its first decision."""
    begin = time.monotonic()
    process = subprocess.Popen(list(map(str, pdp_command(wardlock, hospital))),
                               stdout=subprocess.PIPE, text=True)
    port = int(re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())[1])
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", OUR_PATH, '{"subject":{"type":"User","id":"dr-grey"},"action":{"name":'
                       '"view"},"resource":{"type":"LabReport","id":"lab-100-1"}}',
                       {"Content-Type": "application/json"})
    reply = connection.getresponse().read()
    taken = (time.monotonic() - begin) * 1000
    connection.close()
    if b'"decision":true' not in reply:
        sys.exit(f"the first decision is wrong: {reply.decode()}")
    return process, taken


def end(process):
    process.terminate()
    process.wait()


def start_to_decision(wardlock, hospital, times=15):
    taken = []
    for _ in range(times):
        process, milliseconds = first_decision(wardlock, hospital)
        end(process)
        taken.append(milliseconds)
    return statistics.median(taken)


def idle_memory(wardlock, hospital):
    process, _ = first_decision(wardlock, hospital)
    time.sleep(1)
    found = resident_megabytes(process.pid)
    end(process)
    return found
