#!/usr/bin/env python3
"""Holds reports against doc/schema/report.schema.json: check_schema.py FILE... | check_schema.py --rendered-by PROGRAM

PROGRAM writes sample reports into a folder that it is given. With it the schema itself is checked as well: that it is one, that it has
the causes of doc/causes/ORDER, and that it refuses a report which lacks what it requires. Exit status 77: python3-jsonschema is not here.
"""
import argparse
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "doc" / "schema" / "report.schema.json"
SKIPPED = 77


def wrong_in(validator, document):
    return [f"{error.json_path}: {error.message[:160]}" for error in validator.iter_errors(document)]


def objects_of(value, path=()):
    """Every object of a document with its path, itself first."""
    if isinstance(value, dict):
        yield path, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from objects_of(inner, (*path, key))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def accepted_without(validator, document):
    """Fields that the schema does not miss. What names its keys freely (env) is not asked for."""
    for path, value in objects_of(document):
        for key in value if path[-1:] != ("env",) else ():
            lacking = copy.deepcopy(document)
            del at(lacking, path)[key]
            if validator.is_valid(lacking):
                yield ".".join(map(str, (*path, key)))


def accepted_though_wrong(validator, document):
    """A report of an unknown cause, outcome, proof, kind of why or owner of a remedy is none."""
    for path, value in objects_of(document):
        for key in {"cause", "outcome", "proof", "where", "kind", "who", "lowers_security", "schema"} & value.keys():
            wrong = copy.deepcopy(document)
            at(wrong, path)[key] = "nonsense"
            if validator.is_valid(wrong):
                yield f"{'.'.join(map(str, (*path, key)))} = nonsense"


def wrong_in_schema(schema, validator, documents):
    causes = (ROOT / "doc" / "causes" / "ORDER").read_text().split()
    if sorted(schema["$defs"]["verdict"]["properties"]["cause"]["enum"]) != sorted(causes):
        yield "the causes of the schema are not those of doc/causes/ORDER"
    for name, document in documents.items():
        yield from (f"{name}: accepted without {field}" for field in accepted_without(validator, document))
        yield from (f"{name}: accepted with {field}" for field in accepted_though_wrong(validator, document))


def rendered_by(program):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder], check=True, timeout=60)
        return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(folder).glob("*.json"))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rendered-by", metavar="PROGRAM")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not here")
        return SKIPPED
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    documents = {name: json.loads(Path(name).read_text(encoding="utf-8")) for name in arguments.files}
    rendered = rendered_by(arguments.rendered_by) if arguments.rendered_by else {}
    wrong = [f"{name}: {what}" for name, document in {**documents, **rendered}.items() for what in wrong_in(validator, document)]
    if rendered:
        wrong += wrong_in_schema(schema, validator, rendered)
    for line in wrong:
        print(line)
    print(f"{len(documents) + len(rendered)} reports, {len(wrong)} things wrong")
    return 1 if wrong or not (documents or rendered) else 0


if __name__ == "__main__":
    sys.exit(main())
