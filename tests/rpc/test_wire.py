#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The .x files and the list of procedures against the tables of the wire, through wire_probe (whose path is in
WIRE_PROBE)."""
import os
import random
import struct
import subprocess
import unittest

import wire_codec

PROBE = os.environ["WIRE_PROBE"]
WIRE = wire_codec.Wire()


def probe(questions):
    """The answers to (type, bytes) pairs: None (refused) or (bytes used, bytes encoded again)."""
    lines = "".join(f"{name} {data.hex()}\n" for name, data in questions)
    done = subprocess.run([PROBE], input=lines, capture_output=True, text=True, check=True)
    answers = []
    for line in done.stdout.split("\n")[:-1]:
        used, _, data = line.partition(" ")
        answers.append(None if used == "refused" else (int(used), bytes.fromhex(data)))
    assert len(answers) == len(questions), done.stderr
    return answers


class Types(unittest.TestCase):
    def test_values_survive(self):
        generator = random.Random(20240)
        questions = []
        for name in WIRE.types:
            questions += [(name, WIRE.encode(name, WIRE.make(name, generator, n % 4))) for n in range(40)]
        for (name, data), answer in zip(questions, probe(questions)):
            self.assertEqual(answer, (len(data), data), name)

    def test_fixed_sizes(self):
        questions = [(name, WIRE.least(name)) for name in WIRE.types]
        for (name, data), answer in zip(questions, probe(questions)):
            self.assertIsNotNone(answer, name)
            if WIRE.sizes[name] != "var":
                self.assertEqual(answer[0], int(WIRE.sizes[name]), name)

    def test_half_a_value_is_refused(self):
        questions = [(name, WIRE.least(name)[:-1]) for name in WIRE.types]
        for (name, _), answer in zip(questions, probe(questions)):
            self.assertIsNone(answer, name)

    def test_bounds(self):
        """A list or string at its bound is taken, one longer is refused."""
        questions = []
        long_bounds = set()  # each of the megabytes once
        for name, (kind, body) in WIRE.types.items():
            for place, (_, field_type) in enumerate(body if kind == "struct" else []):
                form, element, bound = wire_codec.parse_type(field_type)
                if form not in ("array", "opaque") or bound in long_bounds:
                    continue
                if bound > 65536:
                    long_bounds.add(bound)
                before = b"".join(WIRE.least(t) for _, t in body[:place])
                after = b"".join(WIRE.least(t) for _, t in body[place + 1:])
                for count in (bound, bound + 1):
                    items = WIRE.least(element) * count if form == "array" else bytes(count + -count % 4)
                    questions.append((name, before + struct.pack(">I", count) + items + after))
        self.assertGreater(len(questions), 200)
        for i, answer in enumerate(probe(questions)):
            self.assertEqual(answer is None, i % 2 == 1, (questions[i][0], len(questions[i][1])))

    def test_string_bound(self):
        for size, taken in ((4194304, True), (4194305, False)):
            data = struct.pack(">I", size) + b"x" * size + bytes(-size % 4)
            self.assertEqual(probe([("nonnull_string", data)])[0] is not None, taken)

    def test_odd_strings(self):
        text = struct.pack(">I", 4) + b"a\0bc"
        self.assertEqual(probe([("nonnull_string", text), ("nonnull_string", struct.pack(">I", 0x7fffffff)),
                                ("typed_param_value", struct.pack(">ii", 8, 0))]), [None, None, None])


class Procedures(unittest.TestCase):
    def test_rows(self):
        done = subprocess.run([PROBE, "procedures"], capture_output=True, text=True, check=True)
        columns = ("prog", "number", "name", "args", "ret_or_msg", "priority", "stream", "kind", "readonly")
        ours = [tuple(line.split("\t")) for line in done.stdout.splitlines()]
        table = [tuple(row[c].replace("-", "none") if c in ("args", "ret_or_msg") else row[c] for c in columns)
                 for row in wire_codec.rows("procedures.tsv")]
        self.assertEqual(len(ours), 450)
        for row, expected in zip(ours, table):
            self.assertEqual(row, expected)
        self.assertEqual(len(ours), len(table))


if __name__ == "__main__":
    unittest.main()
