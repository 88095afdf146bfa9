"""Servers to measure, each on a core of its own, and wrk, which asks them from another one."""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent
SERVER_CORE, CLIENT_CORE = 0, 1


def pin(core, command):
    """The command on that core; on any where it is None."""
    if core is None:
        return list(map(str, command))
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core % len(cores)]), *map(str, command)]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid):
    """Of 10⁶ bytes; what it shares with others (its program's text) counts in full."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024 / 1e6


class Server:
    """A server of ours, which prints where it listens; stopped at the end of a `with`."""

    def __init__(self, *command, core=SERVER_CORE):
        self.process = subprocess.Popen(pin(core, command), stdout=subprocess.PIPE, text=True)
        found = re.search(r"127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        if not found:
            sys.exit(f"{command[0]} did not start")
        self.url = f"http://127.0.0.1:{found[1]}"

    @property
    def pid(self):
        return self.process.pid  # taskset becomes what it runs

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Cerbos(Server):
    """Cerbos' server over a folder of policies: no audit log, no telemetry, no looking for changes,
    no schemas; errors only are logged."""

    def __init__(self, program, policies, core=SERVER_CORE):
        port = free_port()
        settings = {"server.httpListenAddr": f"127.0.0.1:{port}",
                    "server.grpcListenAddr": f"127.0.0.1:{free_port()}",
                    "server.logRequestPayloads": "false", "server.metricsEnabled": "false",
                    "storage.driver": "disk", "storage.disk.directory": policies,
                    "storage.disk.watchForChanges": "false", "audit.enabled": "false",
                    "schema.enforcement": "none", "telemetry.disabled": "true"}
        flags = [f"--set={key}={value}" for key, value in settings.items()]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            pin(core, [program, "server", "--log-level=error", *flags]), stdout=self.log,
            stderr=self.log)
        self.url = f"http://127.0.0.1:{port}"
        self.wait()

    def wait(self):
        for _ in range(300):
            try:
                urllib.request.urlopen(self.url + "/_cerbos/health").close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        self.log.seek(0)
        self.process.kill()
        sys.exit(f"cerbos did not start: {self.log.read()[-2000:]}")


class Load:
    """What wrk found when it asked a server for some seconds, over connections that are kept.

    rps: answers a second; busy: how much of its core the server used; cpu_us: its processor time for
    an answer; p50_us, p99_us: from sending a question to having the whole answer.
    """

    def __init__(self, server, path, bodies, seconds, connections=64, pause_ms=0):
        before = processor_seconds(server.pid)
        found = ask(server, path, bodies, seconds, connections, pause_ms)
        spent = processor_seconds(server.pid) - before
        self.rps = found["requests"] / found["seconds"]
        self.busy = spent / found["seconds"]
        self.cpu_us = spent / found["requests"] * 1e6
        self.p50_us, self.p99_us = found["p50_us"], found["p99_us"]


def ask(server, path, bodies, seconds, connections, pause_ms):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("\n".join(bodies) + "\n")
        file.flush()
        command = pin(CLIENT_CORE, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s",
                                    HERE / "questions.lua", server.url])
        environment = {"WARDLOCK_QUESTIONS": file.name, "WARDLOCK_PATH": path}
        if pause_ms:
            environment["WARDLOCK_PAUSE_MS"] = str(pause_ms)
        result = subprocess.run(command, env=os.environ | environment, capture_output=True,
                                text=True, check=False)
    found = re.search(r"^found: (.*)$", result.stdout, re.MULTILINE)
    if result.returncode != 0 or not found or "Non-2xx" in result.stdout:
        sys.exit(f"not every question was answered:\n{result.stdout}{result.stderr}")
    found = json.loads(found[1])
    if found["errors"]:
        sys.exit(f"not every question was answered:\n{result.stdout}")
    return found


def answer(server, path, body):
    """One question, for what it says and not for how long it takes."""
    request = urllib.request.Request(server.url + path, data=body.encode(),
                                     headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        sys.exit(f"{server.url}{path}: {error.code} {error.read().decode()}\n{body}")
