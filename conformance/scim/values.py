"""Values that are what an attribute is.

scim2-tester fills attributes with random texts, for it cannot know more of them than their type. A
National Provider Identifier has a check digit, a reference leads to something, a time is one: such
attributes are given values here, the others are left to the tester.
"""
import datetime
import random
import uuid

import scim2_tester.checkers.patch_add
import scim2_tester.checkers.patch_replace
import scim2_tester.filling
from scim2_models import ComplexAttribute, Mutability, Reference, Required

SPOKEN = scim2_tester.filling.generate_random_value

# Where each stays: what a thing may become is for the tests of the life of things.
STATES = {"User": "active", "WardlockUser": "active", "Patient": "registered", "Device": "manufactured",
          "ModuleVersion": "released", "Service": "registered", "Agent": "registered"}


# Of these, one is enough: see `generate`.
PART_OF_WHOLE = {"Facts": ("integer", "boolean", "time")}


def check_digit(digits, weights=(3, 1)):
    """GS1's."""
    total = sum(int(digit) * weights[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def digits(count):
    return "".join(random.choice("0123456789") for _ in range(count))


def npi():
    """With Luhn's check digit, as if 80840 came before it."""
    number = "1" + digits(8)
    total = 24 + sum(sum(divmod(int(digit) * 2, 10)) if place % 2 == 0 else int(digit)
                     for place, digit in enumerate(reversed(number)))
    return number + str(-total % 10)


def gtin():
    number = digits(13)
    return number + check_digit(number)


def moment():
    return datetime.datetime(2027, 1, random.randint(1, 28), random.randint(0, 23),
                             tzinfo=datetime.timezone.utc)


BY_NAME = {
    "npi": npi,
    "udi": lambda: f"(01){gtin()}(21){digits(12)}",
    "device_identifier": lambda: f"(01){gtin()}",
    "mac_addresses": lambda: [":".join(f"{random.choice(range(0, 256, 2)):02x}" for _ in range(6))],
    "country": lambda: "AT",
    "credential_days": lambda: random.randint(1, 3650),
    "uuid": lambda: str(uuid.uuid4()),
    "active": lambda: True,
    "specialties": lambda: ["cardiology"],
}


def reference(context, complex_type):
    """To something that is made for it."""
    kinds = scim2_tester.filling.get_model_from_ref_type(
        context, complex_type.model_fields["ref"].annotation.__args__[0], different_than=None)
    made = context.resource_manager.create_and_register(kinds)
    values = {"value": made.id, "ref": made.meta.location}
    if "type" in complex_type.model_fields:
        values["type"] = made.meta.resource_type
    name = getattr(made, "display_name", None) or getattr(made, "user_name", None)
    values["display" if "display" in complex_type.model_fields else "display_name"] = name
    return complex_type.model_validate(
        {complex_type.model_fields[name].serialization_alias or name: value
         for name, value in values.items()})


def is_reference(field_type):
    return (isinstance(field_type, type) and issubclass(field_type, ComplexAttribute)
            and "ref" in field_type.model_fields)


def generate(context, path, mutability=None, required=None):
    binding = path.resolve()
    if binding is None:  # a whole extension; its parts are tried by themselves, too
        extension = SPOKEN(context, path, mutability, required)
        for once in ("facts", "entity_id"):
            if extension is not None and once in type(extension).model_fields:
                setattr(extension, once, None)
        return extension
    if mutability is not None and binding.get_annotation(Mutability) not in mutability:
        return None
    if required is not None and binding.get_annotation(Required) not in required:
        return None
    name, kind = binding.target_field_name, binding.target_type
    if name == "state":
        return STATES.get(binding.target_model.__name__, "active")
    if name in PART_OF_WHOLE.get(binding.target_model.__name__, ()):
        return None
    if "ref" in binding.target_model.model_fields:
        return None  # with the reference
    if name == "facts":
        return [kind.model_validate({"name": f"fact{digits(6)}", "text": "yes"})]
    if is_reference(kind):
        made = reference(context, kind)
        return [made] if binding.target_is_multivalued else made
    if kind is datetime.datetime:
        return moment()
    if name in BY_NAME:
        return BY_NAME[name]()
    return SPOKEN(context, path, mutability, required)


def use():
    """Has the tester take its values from here."""
    for module in (scim2_tester.filling, scim2_tester.checkers.patch_add,
                   scim2_tester.checkers.patch_replace):
        module.generate_random_value = generate
