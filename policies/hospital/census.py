"""Asks the built `wardlock` what everybody in the hospitals may do to everything.

Each question is asked under the most favourable circumstances: signed in as strongly as can be, at the
right place, with the papers that a rule may ask for, and with an application that fulfils every
obligation. What is denied even so, is denied always; what is allowed, is allowed under the conditions
that the policies name in `@x_when`.
"""
import dataclasses
import itertools
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
BATCH = 100  # as many as `wardlock pdp` takes at once

DEVICES = ["InfusionPump", "Mri", "RadiologyUnit", "PatientMonitor", "Wearable"]
PATIENT_DATA = ["Patient", "LabReport", "ImagingStudy", "MedicationPlan", "DeviceReadings"]
# action: (types that may ask, types that may be asked about), as in the schema
ACTIONS = {
    "view": (["User", "Patient", "Caregiver"], PATIENT_DATA),
    "edit": (["User", "Patient", "Caregiver"], PATIENT_DATA[:-1]),
    "export": (["User", "Patient", "Caregiver", "Service"], [*PATIENT_DATA, "ResearchDataset"]),
    "delegate": (["User", "Patient", "Caregiver"], ["Patient"]),
    "sendReadings": (["InfusionPump", "PatientMonitor", "Wearable"], ["Patient"]),
    "changeDose": (["User"], ["InfusionPump"]),
    "stopInfusion": (["User"], ["InfusionPump"]),
    "stopScan": (["User"], ["Mri", "RadiologyUnit"]),
    "viewSettings": (["User", "SoftwareModule"], DEVICES),
    "configure": (["User"], DEVICES),
    "runDiagnostics": (["User"], DEVICES),
    "exportLog": (["User"], DEVICES),
    "calibrate": (["User"], ["Mri", "RadiologyUnit"]),
    "updateFirmware": (["User", "Service"], DEVICES),
    "assignRole": (["User"], ["User"]),
    "reviewRights": (["User"], ["User"]),
    "viewAuditLog": (["User"], ["Hospital"]),
}
# Patients and modules are many and alike: some of each ask.
PATIENTS_WHO_ASK = 20
MODULES_WHO_ASK = 20
AUTHENTICATION = {"level": 3, "methods": ["pwd", "otp", "hwk", "sc", "pin"]}
OBLIGATIONS = ["redact-psychiatric-notes", "deidentify", "pseudonymize"]
PURPOSE = {"justification": "census"}
DEVELOPMENT = "SYSDEV"  # for what manufacturers want readings


@dataclasses.dataclass(frozen=True)
class Finding:
    """One question that was allowed, or could be under a break-glass grant."""
    principal: tuple  # type and id
    action: str
    resource: tuple
    policies: tuple = ()  # those that allow it every day; empty: only an override would


class World:
    """entities.json, to look things up in."""

    def __init__(self):
        self.entities = {(one["uid"]["type"], one["uid"]["id"]): one
                         for one in json.loads((HERE / "entities.json").read_text())}
        self._ancestors = {}

    def of_types(self, types):
        return [uid for uid in self.entities if uid[0] in types]

    def attribute(self, uid, name):
        value = self.entities[uid]["attrs"].get(name)
        is_entity = isinstance(value, dict) and value.keys() == {"type", "id"}
        return (value["type"], value["id"]) if is_entity else value

    def ancestors(self, uid):
        if uid not in self._ancestors:
            parents = [(one["type"], one["id"]) for one in self.entities[uid]["parents"]]
            self._ancestors[uid] = set(parents).union(*(self.ancestors(one) for one in parents))
        return self._ancestors[uid]

    def is_in(self, uid, group):
        return uid == group or group in self.ancestors(uid)

    def roles(self, uid):
        return {group[1] for group in self.ancestors(uid) if group[0] == "Role"}

    def is_on_care_team(self, user, patient):
        return {"type": user[0], "id": user[1]} in self.entities[patient]["attrs"]["careTeam"]

    def patient_of(self, uid):
        return uid if uid[0] == "Patient" else self.attribute(uid, "patient")

    def package_for(self, device):
        """The released firmware for a device, as an update names it."""
        for uid in self.of_types(["FirmwarePackage"]):
            facts = self.entities[uid]["attrs"]
            if facts["model"] == self.attribute(device, "model") and not facts["isRevoked"]:
                return {"package": dict(zip(("type", "id"), uid)), "packageDigest": facts["digest"]}
        return {}


def service_context(world, device):
    network = world.attribute(world.attribute(device, "hospital"), "supportNetwork")
    return {**PURPOSE, "ip": network.split("/")[0], "deviceSerial": world.attribute(device, "serial")}


def favourable_context(world, principal, action, resource):
    if action in ("view", "edit"):
        ward = world.attribute(principal, "ward")
        place = {"workstation": {"type": "Workstation", "id": f"desk-{ward[1]}"}} if ward else {}
        return PURPOSE | place
    if action == "sendReadings":
        return {"uuid": world.attribute(principal, "uuid")}
    if action == "changeDose":
        return {"rate": 10}
    if action.startswith("stop"):
        return {}
    if resource[0] in DEVICES:
        update = world.package_for(resource) if action == "updateFirmware" else {}
        return service_context(world, resource) | update
    return PURPOSE | {"purpose": DEVELOPMENT} if action == "export" else PURPOSE


def questions(world):
    """(principal, action, resource) of everything that can be asked."""
    for action, (askers, asked) in ACTIONS.items():
        resources = world.of_types(asked)
        for kind in askers:
            principals = world.of_types([kind])
            limit = {"Patient": PATIENTS_WHO_ASK, "SoftwareModule": MODULES_WHO_ASK}.get(kind)
            for principal in principals[:limit]:
                for resource in resources:
                    yield principal, action, resource


def described(uid):
    return {"type": uid[0], "id": uid[1]}


def as_item(world, principal, action, resource):
    return {"subject": described(principal), "action": {"name": action},
            "resource": described(resource),
            "context": favourable_context(world, principal, action, resource)}


def take_census(pdp, world):
    """What is allowed or could be under break-glass, and how many questions were asked."""
    found, asked = [], 0
    left = questions(world)
    with pdp.connect() as connection:
        while batch := list(itertools.islice(left, BATCH)):
            asked += len(batch)
            for one, reply in zip(batch, ask_batch(connection, world, batch), strict=True):
                told = reply["context"]
                if "error" in told:
                    raise AssertionError(f"{one}: {told['error']}")
                if reply["decision"]:
                    found.append(Finding(*one, tuple(sorted(told["policies"]))))
                elif told.get("override_possible"):
                    found.append(Finding(*one))
    return found, asked


def ask_batch(connection, world, batch):
    body = {"evaluations": [as_item(world, *one) for one in batch],
            "options": {"authentication": AUTHENTICATION, "obligations": OBLIGATIONS}}
    connection.request("POST", "/access/v1/evaluations", json.dumps(body),
                       {"Content-Type": "application/json", "Prefer": "return=representation"})
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        raise AssertionError(f"{response.status}: {text.decode()}")
    return json.loads(text)["evaluations"]


def read_policies():
    """For each policy by its id: its file's stem, effect and annotations."""
    policies = {}
    for path in sorted(HERE.glob("*.cedar")):
        head = re.compile(r'((?:@\w+\("[^"]*"\)\s+)+)(permit|forbid) \(')
        for annotations, effect in head.findall(path.read_text()):
            known = dict(re.findall(r'@(\w+)\("([^"]*)"\)', annotations))
            policies[known["id"]] = {**known, "file": path.stem, "effect": effect}
    return policies
