"""Finds attributes of OCSF events that the schema does not have, or has in another shape or under a profile that
the event does not name, and required ones that are missing: what a JSON schema of OCSF lets pass. See ../README.md.

usage: names.py SCHEMA < LINES      each line an event
"""
import copy
import json
import sys

SHAPES = {"integer_t": int, "long_t": int, "timestamp_t": int, "port_t": int, "boolean_t": bool,
          "float_t": (int, float), "json_t": (dict, list, str, int)}  # all others are texts
CATEGORIES = {3: "iam", 6: "application"}


class Schema:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        self.classes = {(each["category"], each["uid"]): each for each in document["classes"].values()}
        self.objects = document["objects"]

    def faults(self, event):
        class_of = self.classes.get((CATEGORIES[event["category_uid"]], event["class_uid"] % 1000))
        if class_of is None:
            return [f"there is no class {event['class_uid']}"]
        profiles = set(event["metadata"].get("profiles", []))
        return list(self.faults_of(event, class_of, profiles, ""))

    def faults_of(self, value, shape, profiles, path):
        attributes = shape["attributes"]
        for name in value:
            if name not in attributes:
                yield f"{path}{name} is not in {shape['name']}"
        for name, attribute in attributes.items():
            profile = attribute.get("profile")
            is_there = not profile or profile in profiles
            if name in value and not is_there:
                yield f"{path}{name} needs the profile {profile}"
            elif name in value:
                yield from self.faults_in(value[name], attribute, profiles, f"{path}{name}")
            elif is_there and attribute["requirement"] == "required":
                yield f"{path}{name} is missing"
        one_of = (shape.get("constraints") or {}).get("at_least_one")
        if one_of and not set(one_of) & set(value):
            yield f"{path} has none of {one_of}"

    def faults_in(self, value, attribute, profiles, path):
        values = value if attribute["is_array"] else [value]
        if attribute["is_array"] != isinstance(value, list):
            yield f"{path} is a list or is none"
            return
        for each in values:
            if attribute["type"] == "object_t":
                if not isinstance(each, dict):
                    yield f"{path} is no object"
                elif attribute["object_type"] != "object":
                    yield from self.faults_of(each, self.objects[attribute["object_type"]], profiles, path + ".")
            else:
                yield from self.faults_of_value(each, attribute, path)

    @staticmethod
    def faults_of_value(value, attribute, path):
        shape = SHAPES.get(attribute["type"], str)
        if not isinstance(value, shape) or isinstance(value, bool) != (shape is bool):
            yield f"{path} is no {attribute['type']}"
        # Types of observables are spread over the dictionary; the JSON schema has them together.
        if attribute["enum"] and path != "observables.type_id" and str(value) not in attribute["enum"]:
            yield f"{path} is {value}, one of {sorted(attribute['enum'])}"


def check_checker(schema, event):
    """Something that lets anything pass would prove nothing."""
    def changed(change):
        broken = copy.deepcopy(event)
        change(broken)
        return broken

    for change in [lambda each: each.pop("time"), lambda each: each.update(patient="p"),
                   lambda each: each.update(severity_id=9), lambda each: each.update(device={}),
                   lambda each: each["actor"]["user"].update(age=7), lambda each: each.update(resources={}),
                   lambda each: each["metadata"].update(uid=7), lambda each: each["metadata"].pop("product")]:
        if not schema.faults(changed(change)):
            sys.exit("a wrong event was accepted")


def main():
    schema = Schema(sys.argv[1])
    events = [json.loads(line) for line in sys.stdin]
    check_checker(schema, events[0])
    failed = 0
    for event in events:
        faults = schema.faults(event)
        if faults:
            failed += 1
            print(f"{event['class_uid']} {event['metadata'].get('event_code')}: {'; '.join(faults)}")
    print(f"OCSF's names: {len(events) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
