# SPDX-License-Identifier: LGPL-2.1-or-later
"""The wire once more, from the tables in wire/ alone: a second opinion on what rpcgen made of the .x files.

Values: ints, floats, str, bytes, lists, dicts (structs), None (an absent optional), (discriminant, value) for
unions."""
import csv
import os
import re
import struct

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wire")
PLAIN = {"int": ">i", "uint": ">I", "hyper": ">q", "uhyper": ">Q", "double": ">d", "char": ">i", "uchar": ">I",
         "short": ">i", "ushort": ">I"}
# what a value of such a type may be, so that it survives the C type
RANGES = {"int": (-2**31, 2**31 - 1), "uint": (0, 2**32 - 1), "hyper": (-2**63, 2**63 - 1), "uhyper": (0, 2**64 - 1),
          "char": (-128, 127), "uchar": (0, 255), "short": (-2**15, 2**15 - 1), "ushort": (0, 2**16 - 1)}


def rows(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def parse_type(text):
    """(form, element, bound) of a type expression: ("array", "typed_param", 16), ("string", None, 4194304), ..."""
    for form, pattern in (("string", r"string<()(\d+)>"), ("opaque", r"opaque<()(\d+)>"),
                          ("fixed", r"opaque\[()(\d+)\]"),
                          ("array", r"array<(\w+),(\d+)>"), ("vector", r"vector<(\w+),(\d+)>"),
                          ("optional", r"optional<(\w+)>()")):
        match = re.fullmatch(pattern, text)
        if match:
            return form, match.group(1) or None, int(match.group(2) or 0)
    return "plain" if text in PLAIN else "named", text, 0


class Wire:
    def __init__(self):
        self.types = {}
        self.sizes = {}
        for row in rows("types.tsv"):
            kind, fields = row["kind"], row["fields"]
            if kind == "struct":
                body = [tuple(field.split(":", 1)) for field in fields.split()]
            elif kind == "union":
                body = {int(n): arm for n, arm in re.findall(r"(\d+)=>\w+:(\S+)", fields)}
            elif kind == "enum":
                body = {int(n) for n in re.findall(r"=(\d+)", fields)}
            else:
                body = fields
            self.types[row["name"]] = (kind, body)
            self.sizes[row["name"]] = row["wire_bytes"]

    def encode(self, name, value):
        form, element, bound = parse_type(name)
        if form == "plain":
            return struct.pack(PLAIN[name], value)
        if form in ("string", "opaque"):
            data = value.encode() if isinstance(value, str) else value
            return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)
        if form == "fixed":
            return value
        if form == "optional":
            return struct.pack(">I", 0) if value is None else struct.pack(">I", 1) + self.encode(element, value)
        if form in ("array", "vector"):
            count = struct.pack(">I", len(value)) if form == "array" else b""
            return count + b"".join(self.encode(element, item) for item in value)
        kind, body = self.types[name]
        if kind == "typedef":
            return self.encode(body, value)
        if kind == "enum":
            return struct.pack(">i", value)
        if kind == "union":
            return struct.pack(">i", value[0]) + self.encode(body[value[0]], value[1])
        return b"".join(self.encode(field_type, value[field]) for field, field_type in body)

    def make(self, name, random, longest=3):
        """Some value of the type; RANDOM is a random.Random. LONGEST bounds strings and lists."""
        form, element, bound = parse_type(name)
        if form == "plain":
            return random.uniform(-1e9, 1e9) if name == "double" else random.choice(
                [*RANGES[name], 0, 1, random.randint(*RANGES[name])])
        if form == "string":
            return "".join(random.choice("aß/<\t x") for _ in range(random.randint(0, longest)))
        if form == "opaque":
            return random.randbytes(random.randint(0, longest))
        if form == "fixed":
            return random.randbytes(bound)
        if form == "optional":
            return self.make(element, random, longest) if random.random() < 0.7 else None
        if form == "array":
            return [self.make(element, random, longest) for _ in range(random.randint(0, min(bound, longest)))]
        if form == "vector":
            return [self.make(element, random, longest) for _ in range(bound)]
        kind, body = self.types[name]
        if kind == "typedef":
            return self.make(body, random, longest)
        if kind == "enum":
            return random.choice(sorted(body))
        if kind == "union":
            arm = random.choice(sorted(body))
            return arm, self.make(body[arm], random, longest)
        return {field: self.make(field_type, random, longest) for field, field_type in body}

    def least(self, name):
        """The shortest encoding of a type."""
        form, element, bound = parse_type(name)
        if form == "plain":
            return bytes(struct.calcsize(PLAIN[name]))
        if form in ("string", "opaque", "optional", "array"):
            return bytes(4)
        if form == "fixed":
            return bytes(bound)
        if form == "vector":
            return self.least(element) * bound
        kind, body = self.types[name]
        if kind == "typedef":
            return self.least(body)
        if kind == "enum":
            return bytes(4)
        if kind == "union":
            return struct.pack(">i", 1) + self.least(body[1])
        return b"".join(self.least(field_type) for _, field_type in body)
