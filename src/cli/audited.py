"""A server that records what it decides, and many who ask it at once; for the tests of the log."""
import http.client
import json
import threading
import time

from program import EVALUATION, run
from serving import question

CLIENTS = 8
CARE_POLICIES = '@id("all") permit (principal, action, resource) when { context.rate > 5 };\n'
CARE_SCHEMA = '''
@audit("patient") entity Patient;
@audit("device") entity Pump;
entity User;
@audit("care") action view, stop
appliesTo { principal: User, resource: [Patient, Pump], context: { rate: Long } };
'''
PATIENTS = [{"uid": {"type": "Patient", "id": each}, "attrs": {}, "parents": []}
            for each in ("p-1", "p-2", "p-3")]


def asks(principal="ann", action="view", resource=("Patient", "p-1"), rate=9):
    return {"subject": {"type": "User", "id": principal}, "action": {"name": action},
            "resource": {"type": resource[0], "id": resource[1]}, "context": {"rate": rate}}


class Crowd:
    """Asks until the server is gone, each with so many seconds between two questions, and keeps the
    ids of what was answered."""

    def __init__(self, server, token, pause_s=0):
        self.server, self.token, self.pause_s = server, token, pause_s
        self.answered = []
        self.refused = []
        self.is_over = False
        self.threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _ask(self):
        body = json.dumps(question())
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        try:
            with self.server.connect() as connection:
                while not self.is_over:
                    if self.pause_s:
                        time.sleep(self.pause_s)
                    connection.request("POST", EVALUATION, body, headers)
                    response = connection.getresponse()
                    text = response.read()
                    if response.status == 200:
                        self.answered.append(json.loads(text)["context"]["decision_id"])
                    else:
                        self.refused.append(response.status)
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server is gone

    def stop(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()


def exported(folder, *more):
    """The events of a log."""
    done = run("audit", "export", folder, "--format", "ndjson", *more)
    if done.returncode:
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def decision_ids(folder):
    return {event["decision_id"] for event in exported(folder) if event["kind"] == "decision"}
