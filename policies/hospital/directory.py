#!/usr/bin/env python3
"""Writes directory.json and records.json: the hospitals of entities.json as the directory keeps them.

usage: directory.py [--check]

directory.json is what `wardlock import` reads: places, people, services, patients and devices, and how
they stand to each other (docs/formats/directory-import.md). records.json has the rest, as entities:
what belongs to a patient's record, to a device's software, to break-glass grants. With --check nothing is
written; exit 1 when a file differs from what would be written.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
DEVICES = {"InfusionPump", "Mri", "RadiologyUnit", "PatientMonitor", "Wearable"}
PLACES = {"Hospital", "Ward", "Workstation", "Manufacturer"}
GROUPS = {"Study", "ServiceKind"}
OF_DIRECTORY = {*PLACES, *GROUPS, *DEVICES, "Role", "User", "Service", "Patient"}
OVER = "2026-11-22"  # what ended before then is not entered: nobody has it any more
FACTS_OF = {"Hospital": ("dayBegins", "dayEnds", "supportNetwork", "majorIncident"),
            "Study": ("title", "approvedUntil"), "User": ("infusionAuthorised", "hasSecureOtpDevice"),
            "InfusionPump": ("maxRate",)}
PURPOSES = {"UpdateServer": "Installs firmware that its manufacturer has released",
            "RecordGateway": "Sends measurements to the health record"}


def as_time(text):
    """A time of RFC 3339, of one that Cedar takes."""
    return text if "T" in text else f"{text}T00:00:00Z"


def is_time(value):
    return isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-"


def fact(name, value):
    if isinstance(value, bool):
        return {"name": name, "boolean": value}
    if isinstance(value, int):
        return {"name": name, "integer": value}
    if is_time(value):
        return {"name": name, "time": as_time(value)}
    return {"name": name, "text": value}


class Directory:
    """What entities.json says, in the words of the directory."""

    def __init__(self, entities):
        self.entities = entities
        self.things = []
        self.relations = []
        self.hospital_of_ward = {one["uid"]["id"]: parent["id"] for one in entities
                                 if one["uid"]["type"] == "Ward" for parent in one["parents"]}
        self.roles_of = {one["uid"]["id"]: self.parents(one, "Role") for one in entities
                         if one["uid"]["type"] == "User"}
        for one in entities:
            if one["uid"]["type"] in OF_DIRECTORY:
                self.add(one)

    @staticmethod
    def parents(entity, kind):
        return [parent["id"] for parent in entity["parents"] if parent["type"] == kind]

    def add(self, entity):
        kind = entity["uid"]["type"]
        if kind in DEVICES:
            self.add_device(entity)
        else:
            getattr(self, f"add_{kind.lower()}")(entity)

    def enter(self, kind, attributes, state=None):
        present = {name: value for name, value in attributes.items() if value not in (None, [])}
        self.things.append({"kind": kind, **({"state": state} if state else {}),
                            "attributes": present})

    def relate(self, relation, subject, target, **more):
        self.relations.append({"relation": relation, "subject": subject, "object": target, **more})

    @staticmethod
    def facts(entity):
        names = FACTS_OF.get(entity["uid"]["type"], ())
        return [fact(name, entity["attrs"][name]) for name in names if name in entity["attrs"]]

    # ---- Places, groups and roles

    def add_hospital(self, entity):
        self.enter("organisation", {"code": entity["uid"]["id"], "organisationType": "hospital",
                                    "displayName": entity["attrs"]["name"],
                                    "entityType": "Hospital", "facts": self.facts(entity)})

    def add_manufacturer(self, entity):
        self.enter("organisation", {"code": entity["uid"]["id"], "organisationType": "manufacturer",
                                    "displayName": entity["attrs"]["name"],
                                    "entityType": "Manufacturer"})

    def add_ward(self, entity):
        code = entity["uid"]["id"]
        self.enter("location", {"code": code, "displayName": entity["attrs"]["name"],
                                "locationType": "ward",
                                "organisation": self.hospital_of_ward[code]})

    def add_workstation(self, entity):
        code, ward = entity["uid"]["id"], self.parents(entity, "Ward")[0]
        self.enter("location", {"code": code, "displayName": code, "locationType": "workstation",
                                "organisation": self.hospital_of_ward[ward], "parent": ward,
                                "entityType": "Workstation"})

    def add_study(self, entity):
        self.enter("group", {"displayName": entity["attrs"]["title"], "entityType": "Study",
                             "entityId": entity["uid"]["id"], "facts": self.facts(entity)})

    def add_servicekind(self, entity):
        self.enter("group", {"displayName": entity["uid"]["id"], "entityType": "ServiceKind",
                             "entityId": entity["uid"]["id"]})

    def add_role(self, entity):
        name = entity["uid"]["id"]
        self.enter("role", {"displayName": name})
        for above in self.parents(entity, "Role"):
            self.relate("roleInheritance", f"role:{name}", f"role:{above}")

    # ---- Who acts

    def add_user(self, entity):
        name, facts = entity["uid"]["id"], entity["attrs"]
        times = {key: as_time(facts[key]) for key in ("contractUntil", "rightsReviewedUntil")
                 if key in facts}
        self.enter("person", {"userName": name, "entityId": name, "displayName": facts["name"],
                              **times, "facts": self.facts(entity)}, "active")
        person = f"person:{name}"
        for role in self.parents(entity, "Role"):
            self.relate("roleAssignment", person, f"role:{role}")
        for study in self.parents(entity, "Study"):
            self.relate("membership", person, f"group.entityId:{study}")
        self.employ(person, entity)
        for number, tag in entity.get("tags", {}).items():
            if tag["until"] > OVER:
                self.relate("care", person, f"patient.recordNumber:{number}",
                            until=as_time(tag["until"]), attributes={"careType": "exception"})

    def employ(self, person, entity):
        facts = entity["attrs"]
        if "employer" in facts:
            self.relate("employment", person, f"organisation:{facts['employer']['id']}",
                        attributes={"employmentType": "manufacturer"})
        if "hospital" not in facts:
            return
        kind = "contractor" if "contractUntil" in facts else "employee"
        if self.parents(entity, "Study"):
            kind = "researcher"
        place = {"scope": f"location:{facts['ward']['id']}"} if "ward" in facts else {}
        self.relate("employment", person, f"organisation:{facts['hospital']['id']}", **place,
                    attributes={"employmentType": kind})

    def add_service(self, entity):
        name, hospital = entity["uid"]["id"], entity["attrs"]["hospital"]["id"]
        kind = self.parents(entity, "ServiceKind")[0]
        self.enter("service", {"clientId": name, "entityId": name, "displayName": name,
                               "purpose": PURPOSES[kind], "organisation": hospital}, "active")
        self.relate("membership", f"service:{name}", f"group.entityId:{kind}")
        self.relate("owner", f"service:{name}", f"person:{self.technician(hospital)}")

    def technician(self, hospital):
        """Who answers for the hospital's services."""
        return next(one["uid"]["id"] for one in self.entities if one["uid"]["type"] == "User" and
                    "BiomedicalTechnician" in self.parents(one, "Role") and
                    one["attrs"]["hospital"]["id"] == hospital)

    # ---- Patients and devices

    def add_patient(self, entity):
        name, facts = entity["uid"]["id"], entity["attrs"]
        state = "temporary" if "unknown" in name else "registered"
        kept = ("recordNumber", "isEmergency", "isConfidential", "hasPsychiatricNotes")
        self.enter("patient", {"entityId": name, "displayName": facts["name"],
                               **{key: facts[key] for key in kept}}, state)
        patient = f"patient.recordNumber:{facts['recordNumber']}"
        for ward in self.parents(entity, "Ward"):
            self.relate("stay", patient, f"location:{ward}")
        for member in facts["careTeam"]:
            care = "nursing" if "Nurse" in self.roles_of[member["id"]] else "treating"
            self.relate("care", f"person:{member['id']}", patient, attributes={"careType": care})

    def add_device(self, entity):
        name, facts = entity["uid"]["id"], entity["attrs"]
        maker = facts["manufacturer"]["id"]
        model = f"{maker}/{facts['model']}"
        known = {"kind": "deviceModel",
                 "attributes": {"manufacturer": maker, "modelNumber": facts["model"],
                                "displayName": facts["model"],
                                "entityType": entity["uid"]["type"]}}
        if known not in self.things:
            self.things.append(known)
        window = {key: as_time(value) for key, value in facts.get("maintenanceWindow", {}).items()}
        self.enter("device", {"model": model, "serialNumber": facts["serial"],
                              "uuid": facts["uuid"], "entityId": name, "assetTag": name,
                              "organisation": facts["hospital"]["id"],
                              **({"maintenanceWindow": window} if window else {}),
                              "facts": self.facts(entity)},
                   "inService" if facts["inService"] else "commissioned")
        for ward in self.parents(entity, "Ward"):
            self.relate("deviceLocation", f"device.assetTag:{name}", f"location:{ward}")
        if "patient" in facts:
            number = next(one["attrs"]["recordNumber"] for one in self.entities
                          if one["uid"] == facts["patient"])
            self.relate("deviceAssignment", f"device.assetTag:{name}",
                        f"patient.recordNumber:{number}")


def lines_of(items):
    return ",\n    ".join(json.dumps(item, ensure_ascii=False) for item in items)


def generate():
    """Name and text of each file."""
    entities = json.loads((HERE / "entities.json").read_text())
    directory = Directory(entities)
    rest = [one for one in entities if one["uid"]["type"] not in OF_DIRECTORY]
    records = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in rest)
    return {"directory.json": f'{{\n  "things": [\n    {lines_of(directory.things)}\n  ],\n'
                              f'  "relations": [\n    {lines_of(directory.relations)}\n  ]\n}}\n',
            "records.json": f"[\n  {records}\n]\n"}


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    for name, text in generate().items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            sys.exit(f"policies/hospital/{name}: out of date; run policies/hospital/directory.py")


if __name__ == "__main__":
    main()
