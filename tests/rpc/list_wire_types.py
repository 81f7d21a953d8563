#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""list_wire_types.py OUTPUT: a line TYPE(name) for each type of the table, for wire_probe.c."""
import sys

import wire_codec

with open(sys.argv[1], "w", encoding="utf-8") as output:
    output.writelines(f"TYPE({row['name']})\n" for row in wire_codec.rows("types.tsv"))
