# SPDX-License-Identifier: Apache-2.0
"""Judges a Mayfly record without Mayfly: Python's standard library, the files, and the log's public key.

    check_record.py log VKEY DIRECTORY [--trusted CHECKPOINT]
    check_record.py receipt VKEY FILE

Prints one line of JSON and ends with 0, or with 1 when something is wrong."""
import argparse
import json
import sys

from meaning import judge
from records import parse_record
from tlog import Flaw, Key, read_log, read_receipt


def read_text(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def check_log(arguments, key):
    trusted = None if arguments.trusted is None else read_text(arguments.trusted)
    entries = read_log(arguments.what, key, trusted)
    problems, counts = judge([parse_record(entry, index) for index, entry in enumerate(entries)])
    return {"sound": not problems, "size": len(entries), "problems": problems, "counts": counts}


def check_receipt(arguments, key):
    entry, index, size = read_receipt(read_text(arguments.what), key)
    return {"sound": True, "index": index, "size": size, "record": parse_record(entry, index), "problems": []}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["log", "receipt"])
    parser.add_argument("vkey")
    parser.add_argument("what")
    parser.add_argument("--trusted")
    arguments = parser.parse_args()
    check = check_log if arguments.command == "log" else check_receipt
    try:
        verdict = check(arguments, Key(arguments.vkey))
    except Flaw as flaw:
        found = {"code": flaw.code, "index": flaw.index, "message": flaw.message}
        verdict = {"sound": False, "size": None, "problems": [found]}
    print(json.dumps(verdict, sort_keys=True))
    sys.exit(0 if verdict["sound"] else 1)


main()
