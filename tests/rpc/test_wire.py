#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The .x files and the list of procedures against the tables of the wire, through wire_probe (whose path is in
WIRE_PROBE)."""
import os
import random
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tap  # noqa: E402
import wire_codec  # noqa: E402

PROBE = os.environ["WIRE_PROBE"]
WIRE = wire_codec.Wire()


def probe(questions):
    """The answers to (type, bytes) pairs: None (refused) or (bytes used, bytes encoded again)."""
    lines = "".join(f"{name} {data.hex()}\n" for name, data in questions)
    done = subprocess.run([PROBE], input=lines, capture_output=True, text=True, check=False)
    answers = []
    for line in done.stdout.split("\n")[:-1]:
        used, _, data = line.partition(" ")
        answers.append(None if used == "refused" else (int(used), bytes.fromhex(data)))
    if done.returncode or len(answers) != len(questions):
        sys.exit(f"wire_probe: exit status {done.returncode}\n{done.stderr}")
    return answers


def check(name, questions, is_right):
    """One test point: IS_RIGHT(number of the question, question, answer) of all QUESTIONS."""
    answers = probe(questions)
    wrong = [f"{question[0]} ({len(question[1])} bytes): {answer if answer is None else answer[0]}"
             for number, (question, answer) in enumerate(zip(questions, answers))
             if not is_right(number, question, answer)]
    tap.ok(questions and not wrong, f"{name} ({len(questions)} values)", wrong[:20])


def check_values():
    generator = random.Random(20240)
    check("values survive", [(name, WIRE.encode(name, WIRE.make(name, generator, n % 4)))
                             for name in WIRE.types for n in range(40)],
          lambda _, question, answer: answer == (len(question[1]), question[1]))


def check_sizes():
    check("the sizes of the table", [(name, WIRE.least(name)) for name in WIRE.types],
          lambda _, question, answer: answer and WIRE.sizes[question[0]] in ("var", str(answer[0])))
    check("half a value is refused", [(name, WIRE.least(name)[:-1]) for name in WIRE.types],
          lambda _, question, answer: answer is None)


def bound_questions():
    """For each list: one at its bound, and one beyond."""
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
                yield name, before + struct.pack(">I", count) + items + after


def check_bounds():
    check("a list at its bound is taken, one longer is not", list(bound_questions()),
          lambda number, _, answer: (answer is None) == (number % 2 == 1))
    strings = [struct.pack(">I", size) + b"x" * size + bytes(-size % 4) for size in (4194304, 4194305)]
    check("so are strings", [("nonnull_string", data) for data in strings],
          lambda number, _, answer: (answer is None) == (number == 1))
    odd = [("nonnull_string", struct.pack(">I", 4) + b"a\0bc"), ("nonnull_string", struct.pack(">I", 0x7fffffff)),
           ("typed_param_value", struct.pack(">ii", 8, 0))]
    check("a NUL in a string, a length without bytes, an unknown kind are refused", odd,
          lambda _, question, answer: answer is None)


def check_procedures():
    columns = ("prog", "number", "name", "args", "ret_or_msg", "priority", "stream", "kind", "readonly")
    ours = subprocess.run([PROBE, "procedures"], capture_output=True, text=True, check=True).stdout
    table = "".join("\t".join(row[c].replace("-", "none") if c in ("args", "ret_or_msg") else row[c] for c in columns) +
                    "\n" for row in wire_codec.rows("procedures.tsv"))
    tap.ok(ours.count("\n") == 450, "450 procedures are listed")
    tap.equal(ours, table, "each as in the table")


check_values()
check_sizes()
check_bounds()
check_procedures()
tap.finish()
