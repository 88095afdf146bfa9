"""The questions of the hospital's own policy tests, for Wardlock and, with what it must be told, for Cerbos.

Wardlock knows the hospital's directory (entities.json); Cerbos keeps none, so that its requests bring
along what its policies need of the person and the thing. Those are made beforehand.
"""
import json
import re
import subprocess

PATIENT_DATA = {"LabReport", "ImagingStudy", "MedicationPlan", "DeviceReadings"}
DEVICES = {"InfusionPump", "Mri", "RadiologyUnit", "PatientMonitor", "Wearable"}
EVERYDAY = "2026-11-23T12:00:00.000Z"


def key(uid):
    return uid["type"], uid["id"]


def moment(text):
    return text if "T" in text else text + "T00:00:00Z"


class Directory:
    def __init__(self, path):
        self.entities = {key(entity["uid"]): entity for entity in json.loads(path.read_text())}

    def has(self, uid):
        return key(uid) in self.entities

    def attributes(self, uid):
        return self.entities[key(uid)]["attrs"]

    def tags(self, uid):
        return self.entities[key(uid)].get("tags", {})

    def agreed(self, patient):
        """To what purposes the patient has agreed. Those below them Cerbos is not told of."""
        return sorted(purpose for (kind, _), entity in self.entities.items()
                      if kind == "Wardlock::Consent" and entity["attrs"]["patient"] == patient
                      for provision in entity["attrs"]["provisions"] if provision["permits"]
                      for purpose in provision["purposes"])

    def ancestors(self, uid):
        found = set()
        waiting = [uid]
        while waiting:
            entity = self.entities.get(key(waiting.pop()), {})
            new = [parent for parent in entity.get("parents", []) if key(parent) not in found]
            found |= {key(parent) for parent in new}
            waiting += new
        return found

    def ancestor_ids(self, uid, *types):
        return sorted(name for kind, name in self.ancestors(uid) if kind in types)


class CerbosRequest:
    """What Cerbos is asked for the same question."""

    def __init__(self, directory, question):
        self.directory = directory
        self.question = question

    def body(self):
        subject, resource = self.question["subject"], self.question["resource"]
        kind = "Device" if resource["type"] in DEVICES else resource["type"]
        return json.dumps({
            "principal": {"id": subject["id"], "roles": self.roles(), "attr": self.principal()},
            "resources": [{"actions": [self.question["action"]["name"]],
                           "resource": {"kind": kind, "id": resource["id"],
                                        "attr": self.resource()}}]}, separators=(",", ":"))

    def roles(self):
        subject = self.question["subject"]
        parents = self.directory.entities[key(subject)]["parents"]
        direct = [uid["id"] for uid in parents if uid["type"] in ("Role", "ServiceKind")]
        return direct or [subject["type"]]

    def principal(self):
        subject = self.question["subject"]
        known, tags = self.directory.attributes(subject), self.directory.tags(subject)
        told = {name: known[name]["id"] for name in ("hospital", "ward", "employer", "patient")
                if name in known}
        told |= {name: known[name] for name in ("infusionAuthorised", "hasSecureOtpDevice", "uuid")
                 if name in known}
        told |= {name: moment(known[name]) for name in ("contractUntil", "rightsReviewedUntil")
                 if name in known}
        if "hospital" in known:
            told["majorIncident"] = self.directory.attributes(known["hospital"])["majorIncident"]
        if tags:
            name = "delegations" if subject["type"] == "Caregiver" else "exceptions"
            told[name] = {record: {**tag, "until": moment(tag["until"])}
                          for record, tag in tags.items()}
        if subject["type"] == "SoftwareModule":
            told["devices"] = self.directory.ancestor_ids(subject, *DEVICES)
        if studies := self.directory.ancestor_ids(subject, "Study"):
            told["studies"] = studies
        options = self.question.get("options", {})
        authentication = options.get("authentication", {})
        told["authentication"] = {"level": authentication.get("level", 0),
                                  "methods": authentication.get("methods", [])}
        told["request"] = self.context(options.get("obligations", []))
        return told

    def context(self, obligations):
        context = self.question.get("context", {})
        told = {name: context[name] for name in
                ("justification", "ip", "deviceSerial", "uuid", "rate", "packageDigest", "purpose")
                if name in context}
        if (place := context.get("workstation")) and self.directory.has(place):
            told["workstationWard"] = self.directory.ancestor_ids(place, "Ward")[0]
        if package := context.get("package"):
            known = self.directory.attributes(package)
            told["package"] = {"digest": known["digest"], "model": known["model"],
                               "manufacturer": known["manufacturer"]["id"],
                               "isRevoked": known["isRevoked"]}
        return {**told, "obligations": obligations}

    def resource(self):
        resource = self.question["resource"]
        kind, known = resource["type"], self.directory.attributes(resource)
        told = {"status": resource["properties"]["status"]} if "properties" in resource else {}
        if hospital := self.directory.ancestor_ids(resource, "Hospital"):
            told["hospital"] = hospital[0]
        if kind in DEVICES:
            return told | self.device(known)
        if kind == "ResearchDataset":
            study = self.directory.attributes(known["study"])
            return {"study": known["study"]["id"], "approvedUntil": moment(study["approvedUntil"])}
        if kind == "User":
            return {"hospital": known["hospital"]["id"]} if "hospital" in known else {}
        if kind == "Patient":
            told["ward"] = self.directory.ancestor_ids(resource, "Ward")[0]
            told |= {name: known[name] for name in ("isConfidential", "hasPsychiatricNotes")}
        if kind in PATIENT_DATA:
            told["patient"] = known["patient"]["id"]
        return told | self.of_the_patient(kind, resource, known)

    def of_the_patient(self, kind, resource, known):
        if kind != "Patient" and kind not in PATIENT_DATA:
            return {}
        patient = self.directory.attributes(resource if kind == "Patient" else known["patient"])
        told = {"careTeam": [uid["id"] for uid in patient["careTeam"]]}
        if kind in ("Patient", "LabReport", "MedicationPlan"):
            told["recordNumber"] = patient["recordNumber"]
        if kind in ("Patient", "LabReport"):
            told["isEmergency"] = patient["isEmergency"]
        if kind == "DeviceReadings":
            told |= {"manufacturer": known["manufacturer"]["id"],
                     "agreed": self.directory.agreed(known["patient"])}
        return told

    def device(self, known):
        hospital = self.directory.attributes(known["hospital"])
        told = {"type": self.question["resource"]["type"], "hospital": known["hospital"]["id"],
                "manufacturer": known["manufacturer"]["id"], "inService": known["inService"],
                "serial": known["serial"], "model": known["model"],
                "supportNetwork": hospital["supportNetwork"],
                "dayBegins": hour(hospital["dayBegins"]), "dayEnds": hour(hospital["dayEnds"]),
                "careTeam": []}
        if "maxRate" in known:
            told["maxRate"] = known["maxRate"]
        if window := known.get("maintenanceWindow"):
            told["maintenanceWindow"] = {name: moment(text) for name, text in window.items()}
        if patient := known.get("patient"):
            told["careTeam"] = [uid["id"] for uid in self.directory.attributes(patient)["careTeam"]]
        return told


def hour(duration):
    return int(re.fullmatch(r"(\d+)h", duration)[1])


def read_questions(wardlock, hospital):
    """(AuthZEN's body, Cerbos' body, the test's name) of every test that can be put to both.

    Left out: another moment than now, a break-glass grant (Cerbos has none), people and things that
    the directory does not know, and claims against the directory, which Wardlock does not believe
    and Cerbos must.
    """
    told = subprocess.run([wardlock, "run-tests", "-p", hospital, "--json"], check=True, text=True,
                          capture_output=True).stdout
    directory = Directory(hospital / "entities.json")
    questions = {}
    for suite in json.loads(told)["suites"]:
        for test in suite["tests"] if not suite.get("more_entities") else []:
            if test["at"] == EVERYDAY and can_be_put(test["question"], directory):
                body = json.dumps(test["question"], separators=(",", ":"))
                questions[body] = (body, CerbosRequest(directory, test["question"]).body(),
                                   test["name"])
    return list(questions.values())


def can_be_put(question, directory):
    subject, resource = question["subject"], question["resource"]
    mentioned = [value for value in question.get("context", {}).values() if isinstance(value, dict)]
    return (directory.has(subject) and directory.has(resource) and
            all(directory.has(uid) for uid in mentioned if "type" in uid) and
            "properties" not in subject and
            resource.get("properties", {}).keys() <= {"status"} and
            question.get("options", {}).keys() <= {"authentication", "obligations"})
