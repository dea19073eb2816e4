#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns Documentation/netlink/espvif.yaml into tables for netlink_storm.c.

What is added to the protocol is thereby stormed without a change here.
"""

import pathlib
import sys

import yaml

TREE = pathlib.Path(__file__).resolve().parents[4]
SPECIFICATION = TREE / "Documentation/netlink/espvif.yaml"


def identifier(name):
    return name.replace("-", "_")


class Protocol:
    """The specification with numbers for everything."""

    def __init__(self, specification):
        self.values = {}
        self.numbers = {}
        for definition in specification["definitions"]:
            if definition["type"] == "const":
                self.numbers[definition["name"]] = definition["value"]
            else:
                self.values[definition["name"]] = list(entries(definition))
        self.sets = {each["name"]: list(numbered(each["attributes"]))
                     for each in specification["attribute-sets"]}
        self.requests = [
            (number, each)
            for number, each in numbered(specification["operations"]["list"])
            if "do" in each or "dump" in each]

    def limit(self, checks, name, otherwise):
        value = checks.get(name, otherwise)
        return self.numbers.get(value, value)

    def attribute(self, number, each):
        """An initializer of struct attribute."""
        checks = each.get("checks", {})
        fields = [f".name = \"{each['name']}\"", f".number = {number}",
                  f".kind = KIND_{each['type'].upper()}"]
        if "display-hint" in each and each["type"] == "binary":
            fields.append(".is_address = true")
        for limit in ("min", "max", "min-len", "max-len"):
            if limit in checks:
                value = self.limit(checks, limit, 0)
                fields.append(f".{identifier(limit)} = {value}U")
        if "enum" in each:
            values = self.values[each["enum"]]
            fields.append(f".values = (const uint32_t[]){{ "
                          f"{', '.join(map(str, values))} }}")
            fields.append(f".value_count = {len(values)}")
        if "nested-attributes" in each:
            fields.append(
                f".nested = &set_{identifier(each['nested-attributes'])}")
        if each.get("multi-attr"):
            fields.append(".multi = true")
        return f"\t{{ {', '.join(fields)} }},"

    def lines(self):
        yield "/* Made by protocol.py, not meant to be edited */"
        for name in self.sets:
            yield f"static const struct set set_{identifier(name)};"
        for name, attributes in self.sets.items():
            yield f"static const struct attribute in_{identifier(name)}[] = {{"
            for number, each in attributes:
                yield self.attribute(number, each)
            yield "};"
            yield f"static const struct set set_{identifier(name)} = {{ " \
                f"\"{name}\", in_{identifier(name)}, {len(attributes)} }};"
        yield "static const struct request requests[] = {"
        for number, each in self.requests:
            wanted = each.get("do", {}).get("request", {}).get("attributes",
                                                               [])
            numbers = {attribute["name"]: number for number, attribute
                       in self.sets[each["attribute-set"]]}
            listed = ", ".join(str(numbers[name]) for name in wanted) or "0"
            yield f"\t{{ \"{each['name']}\", {number}, " \
                f"{str('do' in each).lower()}, " \
                f"{str('dump' in each).lower()}, " \
                f"&set_{identifier(each['attribute-set'])}, " \
                f"(const uint16_t[]){{ {listed} }}, {len(wanted)} }},"
        yield "};"


def numbered(items):
    number = 0
    for each in items:
        number = each.get("value", number + 1)
        yield number, each


def entries(definition):
    number = definition.get("value-start", 0)
    for each in definition["entries"]:
        if isinstance(each, dict) and "value" in each:
            number = each["value"]
        yield number
        number += 1


def main():
    protocol = Protocol(yaml.safe_load(
        SPECIFICATION.read_text(encoding="utf-8")))
    sys.stdout.write("\n".join(protocol.lines()) + "\n")


if __name__ == "__main__":
    main()
