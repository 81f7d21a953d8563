#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""run_rpcgen.py RPCGEN MODE INPUT OUTPUT

rpcgen names the header to include after the path of its input, and does not replace an output: so it is run in the
folder of the input, on a new file."""
import os
import subprocess
import sys

rpcgen, mode, source, output = sys.argv[1:]
output = os.path.abspath(output)
if os.path.exists(output):
    os.unlink(output)
folder, name = os.path.split(os.path.abspath(source))
# -i 0: no inline shortcuts; they would bypass the bounds of xdr_bounded.c and double the code
sys.exit(subprocess.call([rpcgen, "-i", "0", mode, "-o", output, name], cwd=folder))
