"""`wardlock translate-schema`: both ways, and what cannot be said the other way."""
import json
import unittest

from program import HOSPITAL, ProgramTest

TEXT = """\
@doc("people")
entity User in [Group] = {
  name?: String
} tags Long;

entity Group;

action "read" appliesTo {
  principal: [User],
  resource: [Group]
};
"""
DOCUMENT = {"": {
    "entityTypes": {
        "User": {
            "memberOfTypes": ["Group"],
            "shape": {"type": "Record", "attributes": {
                "name": {"type": "EntityOrCommon", "name": "String", "required": False}}},
            "tags": {"type": "EntityOrCommon", "name": "Long"},
            "annotations": {"doc": "people"}},
        "Group": {}},
    "actions": {"read": {"appliesTo": {"principalTypes": ["User"],
                                       "resourceTypes": ["Group"]}}}}}
TO_JSON = ["translate-schema", "--direction", "cedar-to-json"]
TO_TEXT = ["translate-schema", "--direction", "json-to-cedar"]


class TranslateSchemaTest(ProgramTest):
    def test_both_ways(self):
        self.write("s.cedarschema", TEXT)
        self.write("s.json", DOCUMENT)
        result = self.run_here(*TO_JSON, "-s", "s.cedarschema")
        self.assertEqual((json.loads(result.stdout), result.stderr), (DOCUMENT, ""))
        self.assertEqual(self.json_of(*TO_JSON, stdin=TEXT), DOCUMENT)
        self.assert_prints(TEXT, *TO_TEXT, "--schema", "s.json")
        self.assertEqual(self.json_of(*TO_TEXT, stdin=json.dumps(DOCUMENT)), {"schema": TEXT})

    def test_the_hospital_comes_back_the_same(self):
        document = self.run_here(*TO_JSON, "-s", HOSPITAL / "hospital.cedarschema").stdout
        text = self.run_here(*TO_TEXT, stdin=document).stdout
        self.assertEqual(json.loads(self.run_here(*TO_JSON, stdin=text).stdout),
                         json.loads(document))

    def test_what_is_declared_elsewhere_is_left_as_it_is(self):
        self.assert_prints("entity A in [Elsewhere];\n", *TO_TEXT, stdin=json.dumps(
            {"": {"entityTypes": {"A": {"memberOfTypes": ["Elsewhere"]}}, "actions": {}}}))

    def test_errors_name_the_place(self):
        self.write("s.cedarschema", "entity A in;")
        self.assert_fails("s.cedarschema:1:12: error", *TO_JSON, "-s", "s.cedarschema")
        self.assert_fails("declared twice", *TO_JSON, stdin="entity A; entity A;")
        self.assert_fails("standard input", *TO_TEXT, stdin="{")
        self.assert_fails("entityTypes", *TO_TEXT, stdin='{"": {"actions": {}}}')
        self.assert_fails("the shape of `A` is no record", *TO_TEXT, stdin=json.dumps(
            {"": {"entityTypes": {"A": {"shape": {"type": "T"}}}, "actions": {},
                  "commonTypes": {"T": {"type": "Record", "attributes": {}}}}}))
        self.assert_fails("`N::A` names both", *TO_TEXT, stdin=json.dumps(
            {"N": {"entityTypes": {"A": {}}, "actions": {}, "commonTypes": {"A": {"type": "Long"}}}}))
        self.assert_fails("--direction", "translate-schema", stdin=TEXT)
        self.assert_fails("sideways", "translate-schema", "--direction", "sideways", stdin=TEXT)
        self.assert_fails("`nowhere`", *TO_JSON, "-s", "nowhere")


if __name__ == "__main__":
    unittest.main()
