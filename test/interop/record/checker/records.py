# SPDX-License-Identifier: Apache-2.0
"""One entry as a record: JSON in its one form, known members of their forms."""
import json
import re

from tlog import Flaw

KINDS = "task decision call approval lease grant operator profile policy issuance guard kill quiet".split()
ID = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}"
FORMS = {
    "id": ID,
    "kind": "|".join(KINDS),
    "phase": "intent|outcome|event",
    "at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "task": ID,
    "approval": ID,
    "lease": ID,
    "agent": r"[\s\S]+",
    "actor": r"[\s\S]+",
    "tool": r"[\s\S]+",
    "serial": "[0-9a-f]{1,64}",
    "decision": "allow|deny",
    "args_digest": "hmac-sha256:[0-9a-f]{64}",
    "policy_digest": "sha256:[0-9a-f]{64}",
}
REQUIRED = {"v", "id", "kind", "phase", "at", "actor", "body"}


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name comes twice")
    return members


def parse_record(entry, index):
    """The record at `index` as a dict with its index. @raises Flaw RECORD_MALFORMED"""
    try:
        record = json.loads(entry.decode("utf-8", "strict"), object_pairs_hook=unique)
        if not isinstance(record, dict) or not REQUIRED <= record.keys():
            raise ValueError("members are missing")
        if record["v"] != 1 or not isinstance(record["body"], dict):
            raise ValueError("of another version")
        for name, value in record.items():
            if name not in ("v", "body") and not (isinstance(value, str) and re.fullmatch(FORMS[name], value)):
                raise ValueError(f"{name} is not of its form")
    except (ValueError, KeyError, RecursionError) as cause:
        raise Flaw("RECORD_MALFORMED", f"entry {index} is no record: {cause}", index) from cause
    return {**record, "index": index}
