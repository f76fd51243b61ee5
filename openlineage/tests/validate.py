"""Holds OpenLineage events against the schemas beside this file and in ../facets.

    validate.py EVENTS.ndjson

Needs `jsonschema[format-nongpl]` and `referencing`. Where `openlineage-python` is installed too, the addresses of the published
facets and the names of their fields are compared with those of that client. Prints the number of valid events; exits with 1 at
the first that is not.
"""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

HERE = Path(__file__).resolve().parent
OURS = "https://lockflight.example/openlineage/"
FORMATS = ("date-time", "uri", "uuid")


class Invalid(Exception):
    """An event that is not as it should be; the text says where and why."""


def schemas():
    files = [*(HERE / "schema").glob("*.json"), *(HERE.parent / "facets").glob("*.json")]
    read = [json.loads(path.read_text()) for path in files]
    for schema in read:
        Draft202012Validator.check_schema(schema)
    return Registry().with_resources((it["$id"], Resource.from_contents(it)) for it in read)


def published():
    """The fields of the official client's facets by the address of their schema; empty without the client."""
    try:
        import attr
        from openlineage.client import facet_v2
    except ImportError:
        return {}
    modules = [it for it in vars(facet_v2).values() if hasattr(it, "__file__")]
    classes = [it for module in modules for it in vars(module).values() if isinstance(it, type)]
    facets = [it for it in classes if attr.has(it) and hasattr(it, "_get_schema")]
    return {it._get_schema(): {field.name for field in attr.fields(it)} for it in facets}


def facets_of(event):
    """Every facet as (the pointer to it, its name, the facet)."""
    places = [("run/facets", event["run"].get("facets")), ("job/facets", event["job"].get("facets"))]
    for side, more in (("inputs", "inputFacets"), ("outputs", "outputFacets")):
        for index, dataset in enumerate(event.get(side, [])):
            places += [(f"{side}/{index}/{key}", dataset.get(key)) for key in ("facets", more)]
    for place, facets in places:
        for name, facet in (facets or {}).items():
            yield f"{place}/{name}", name, facet


class Checker:
    def __init__(self):
        self.registry = schemas()
        self.client = published()
        self.formats = FormatChecker(FORMATS)
        self.validators = {}

    def hold(self, value, address, place=""):
        if address not in self.validators:
            self.validators[address] = Draft202012Validator(
                {"$ref": address}, registry=self.registry, format_checker=self.formats
            )
        for error in self.validators[address].iter_errors(value):
            path = "/".join([place, *map(str, error.absolute_path)])
            raise Invalid(f"{path}: {error.message}")

    def facet(self, place, name, facet):
        address = facet["_schemaURL"]
        document = address.split("#")[0]
        if document not in self.registry:
            raise Invalid(f"{place}: no schema for {address}")
        if name not in self.registry.contents(document)["properties"]:
            raise Invalid(f"{place}: {address} is the schema of another facet")
        self.hold(facet, address, place)
        ours = address.startswith(OURS)
        if ours != name.startswith("lockflight_"):
            raise Invalid(f"{place}: the name's prefix and the schema's owner differ")
        if self.client and not ours:
            self.against_client(place, address, facet)

    def against_client(self, place, address, facet):
        if address not in self.client:
            raise Invalid(f"{place}: the official client does not know {address}")
        unknown = set(facet) - self.client[address]
        if unknown:
            raise Invalid(f"{place}: the official client does not know {sorted(unknown)}")

    def event(self, event):
        self.hold(event, "https://openlineage.io/spec/2-0-2/OpenLineage.json")
        self.hold(event, event["schemaURL"])
        for place, name, facet in facets_of(event):
            self.facet(place, name, facet)


def main(path):
    missing = [name for name in FORMATS if name not in FormatChecker.checkers]
    if missing:
        return f"no checker for {missing}: install jsonschema[format-nongpl]"
    checker = Checker()
    count = 0
    # By \n alone: other ends of lines may be within a text.
    with open(path, encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            try:
                event = json.loads(line)
                checker.event(event)
            except (Invalid, ValueError) as error:
                return f"FAILED {path}:{number}: {error}"
            print(f"ok {event['eventType']} {event['job']['name']}")
            count += 1
    print(f"{count} valid events" + ("" if checker.client else " (not compared with the official client)"))
    return None


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
