#!/usr/bin/env python3
"""Writes entities.json: the named entities of named.json, the people of people.txt, and the rest of
two hospitals around them.

usage: generate.py [--check]

The rest comes from a generator with a fixed seed, so that the file is the same on every machine. With
--check nothing is written; exit 1 when entities.json differs from what would be written.
"""
import json
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20261121
PATIENTS = 191
PUMPS, MONITORS, WEARABLES = 52, 20, 16
CLINICAL_WARDS = {
    "st-mary": ["cardiology", "surgery", "psychiatry", "emergency", "icu"],
    "riverside": ["medicine", "maternity", "riverside-emergency", "riverside-icu"],
}
# Clinical roles, and as what they are on the care teams of their ward.
CLINICIANS = {"Physician": "Physician", "EmergencyPhysician": "Physician", "Nurse": "Nurse",
              "Radiologist": None}
SERVICE_KINDS = {"UpdateServer", "RecordGateway"}
GIVEN_NAMES = """Adaeze Anders Anouk Arjun Astrid Bram Carmen Chidi Dilnoza Dmitri Eilidh Elif Emeka Esra
    Farah Fiona Gabor Hanne Hassan Ilan Ines Ivo Jamila Joao Kaito Katya Kwame Leila Lior Magda Malik
    Mariam Mei Mikael Naledi Nikhil Noemi Oksana Pilar Priya Rafael Renata Rohan Saoirse Selma Siti
    Tariq Thandi Tuan Vera Wei Xenia Yara Yusuf Zofia""".split()
FAMILY_NAMES = """Abara Andersen Banerjee Barros Bianchi Castel Darvish Diallo Duarte Eriksen Farkas
    Fontaine Gallagher Gruber Haruki Horvat Ibekwe Jansen Kaplan Karimi Kimura Koller Larsen Lindgren
    Maalouf Marchetti Mensah Molina Ndlovu Nowak Oduya Ortega Pham Quispe Rahman Rojas Sandoval Schmid
    Sharma Sithole Soares Takeda Tamm Ueda Varga Vasquez Weber Yilmaz Zeman Zubiri""".split()


class Chance:
    """Draws that stay the same: made of `random()` alone, whose sequence Python guarantees."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, count):
        return int(self.random() * count)

    def happens(self, probability):
        return self.random() < probability

    def one_of(self, choices):
        return choices[self.below(len(choices))]

    def some_of(self, choices, count):
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def uuid(self):
        digits = "".join(f"{self.below(16):x}" for _ in range(32))
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def ref(kind, name):
    return {"type": kind, "id": name}


def entity(kind, name, attributes, parents=(), **tags):
    made = {"uid": ref(kind, name), "attrs": attributes, "parents": list(parents)}
    return {**made, "tags": tags["tags"]} if tags.get("tags") else made


class World:
    def __init__(self, named):
        self.chance = Chance(SEED)
        self.entities = list(named)
        self.hospital_of_ward = {one["uid"]["id"]: one["parents"][0]["id"]
                                 for one in named if one["uid"]["type"] == "Ward"}
        self.clinicians = {}  # ward: {"Physician": [...], "Nurse": [...]}
        self.patients_of_ward = {}

    def add(self, *arguments, **tags):
        self.entities.append(entity(*arguments, **tags))

    def kind_of_place(self, place):
        """Place names are unique over wards, hospitals, manufacturers and studies."""
        return next(one["uid"]["type"] for one in self.entities
                    if one["uid"]["id"] == place and
                    one["uid"]["type"] in ("Ward", "Hospital", "Manufacturer", "Study"))

    # ---- People

    def add_person(self, line):
        name, called, role, place, facts = (field.strip() for field in line.split("|"))
        kind = self.kind_of_place(place)
        attributes, tags = facts_of(facts)
        parents = [ref(kind, place)]
        if kind == "Ward":
            attributes["ward"] = ref(kind, place)
            attributes["hospital"] = ref("Hospital", self.hospital_of_ward[place])
        elif kind == "Hospital":
            attributes["hospital"] = ref(kind, place)
        elif kind == "Manufacturer":
            attributes["employer"] = ref(kind, place)
        if role in SERVICE_KINDS:
            self.add("Service", name, attributes, [ref("ServiceKind", role), *parents])
            return
        if role in CLINICIANS:
            attributes.setdefault("infusionAuthorised", False)
        if role == "RemoteEngineer":
            attributes.setdefault("hasSecureOtpDevice", False)
        self.add("User", name, {"name": called, **attributes}, [ref("Role", role), *parents],
                 tags=tags)
        if CLINICIANS.get(role):
            team = self.clinicians.setdefault(place, {"Physician": [], "Nurse": []})
            team[CLINICIANS[role]].append(name)

    # ---- Patients and their data

    def add_patient(self, number):
        chance = self.chance
        ward = chance.one_of([w for wards in CLINICAL_WARDS.values() for w in wards])
        staff = self.clinicians[ward]
        team = (chance.some_of(staff["Physician"], 1 + chance.below(2)) +
                chance.some_of(staff["Nurse"], 1 + chance.below(2)))
        name = f"{chance.one_of(GIVEN_NAMES)} {chance.one_of(FAMILY_NAMES)}"
        patient = f"p-{number}"
        self.add("Patient", patient, {
            "name": name,
            "recordNumber": f"MR-{number}",
            "careTeam": [ref("User", member) for member in team],
            "isEmergency": ward.endswith("emergency") and chance.happens(0.6),
            "isConfidential": chance.happens(0.04),
            "hasPsychiatricNotes": ward == "psychiatry" or chance.happens(0.06),
        }, [ref("Ward", ward)])
        self.consent(patient, chance.happens(0.4), chance.happens(0.5))
        self.patients_of_ward.setdefault(ward, []).append(f"p-{number}")
        for report in range(1, 2 + chance.below(2)):
            self.add_part("LabReport", f"lab-{number}-{report}", f"p-{number}")
        if chance.happens(0.4):
            self.add_part("ImagingStudy", f"img-{number}-1", f"p-{number}")
        self.add_part("MedicationPlan", f"med-{number}", f"p-{number}")

    def consent(self, patient, to_development, to_research):
        """Adds what the patient has agreed to: that the manufacturers' engineers make devices better by
        what they measure, and research."""
        engineers = [ref("Role", "ManufacturerEngineer")]
        if to_development:
            self.add_permit(patient, "SYSDEV", actors=engineers)
        if to_research:
            self.add_permit(patient, "HRESCH")

    def add_permit(self, patient, purpose, **more):
        provision = {"place": "1", "permits": True, "actions": ["export"], "purposes": [purpose]}
        self.add("Wardlock::Consent", f"{patient}-{purpose}",
                 {"patient": ref("Patient", patient), "provisions": [{**provision, **more}]})

    def add_part(self, kind, name, patient, **more):
        self.add(kind, name, {"patient": ref("Patient", patient), **more}, [ref("Patient", patient)])

    # ---- Devices and their software

    def add_device(self, kind, name, serial, model, manufacturer, **more):
        chance = self.chance
        hospital = chance.one_of(list(CLINICAL_WARDS))
        ward = chance.one_of(CLINICAL_WARDS[hospital])
        in_service = chance.happens(0.85)
        parents = [ref("Ward", ward)]
        attributes = {"serial": serial, "uuid": chance.uuid(), "model": model,
                      "manufacturer": ref("Manufacturer", manufacturer),
                      "hospital": ref("Hospital", hospital), "inService": in_service, **more}
        if in_service and chance.happens(0.8):
            patient = chance.one_of(self.patients_of_ward[ward])
            attributes["patient"] = ref("Patient", patient)
            parents.append(ref("Patient", patient))
            self.add_part("DeviceReadings", f"readings-{name}", patient,
                          manufacturer=ref("Manufacturer", manufacturer))
        self.add(kind, name, attributes, parents)

    def add_devices(self):
        for number in range(101, 101 + PUMPS):
            self.add_device("InfusionPump", f"pump-{number}", f"IP-{number:04}", "Meridian P4",
                            "meridian", maxRate=60 + 20 * self.chance.below(5))
        for number in range(101, 101 + MONITORS):
            self.add_device("PatientMonitor", f"monitor-{number}", f"PM-{number:04}", "Meridian V1",
                            "meridian")
        for number in range(101, 101 + WEARABLES):
            self.add_device("Wearable", f"watch-{number}", f"TW-{number:04}", "Tessel One", "tessel")

    def add_modules(self):
        devices = [one["uid"] for one in self.entities if "serial" in one["attrs"]]
        for device in devices:
            for part in ("control", "network"):
                self.add("SoftwareModule", f"{device['id']}-{part}",
                         {"uuid": self.chance.uuid(), "version": f"{1 + self.chance.below(4)}.0"},
                         [device])


def facts_of(text):
    """Attributes and tags from the last column of people.txt."""
    attributes, tags = {}, {}
    for fact in text.split():
        key, _, value = fact.partition("=")
        if fact == "dose":
            attributes["infusionAuthorised"] = True
        elif fact == "otp-device":
            attributes["hasSecureOtpDevice"] = True
        elif key == "rights":
            attributes["rightsReviewedUntil"] = value
        elif key == "contract":
            attributes["contractUntil"] = value
        elif key == "at":
            attributes["hospital"] = ref("Hospital", value)
        elif key.startswith("MR-"):
            tags[key] = {"until": value, "reason": "consultation"}
        else:
            sys.exit(f"people.txt: unknown fact `{fact}`")
    return attributes, tags


def generate():
    world = World(json.loads((HERE / "named.json").read_text()))
    for line in (HERE / "people.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            world.add_person(line)
    for ward in world.hospital_of_ward:
        world.add("Workstation", f"desk-{ward}", {}, [ref("Ward", ward)])
    for number in range(1001, 1001 + PATIENTS):
        world.add_patient(number)
    world.add_devices()
    world.add_modules()
    lines = [json.dumps(one, ensure_ascii=False) for one in world.entities]
    return "[\n  " + ",\n  ".join(lines) + "\n]\n"


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    path = HERE / "entities.json"
    text = generate()
    if "--check" in sys.argv:
        if not path.is_file() or path.read_text() != text:
            sys.exit("policies/hospital/entities.json: out of date; run "
                     "policies/hospital/generate.py")
        return
    path.write_text(text)


if __name__ == "__main__":
    main()
