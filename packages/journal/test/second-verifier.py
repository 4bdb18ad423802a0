# SPDX-License-Identifier: Apache-2.0
# Verifies a receipt (C2SP tlog-proof with the entry as extra data) from standard input by itself: hashlib, the openssl command and
# nothing of this project. Usage: second-verifier.py VKEY. Prints what was proved as JSON and ends with 0, else says why and ends with 1.
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile


def fail(why):
    sys.exit(why)


def b64(text):
    return base64.b64decode(text, validate=True)


def check_signature(public_key, message, signature):
    # SubjectPublicKeyInfo of Ed25519, RFC 8410 section 4.
    spki = bytes.fromhex("302a300506032b6570032100") + public_key
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        for path, content in zip(paths, (spki, message, signature)):
            with open(path, "wb") as file:
                file.write(content)
        key, text, made = paths
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key]
        done = subprocess.run(command + ["-rawin", "-in", text, "-sigfile", made], capture_output=True)
    return done.returncode == 0


def root_of(index, size, leaf, path):
    # RFC 6962 section 2.1.1 read backwards: the last hash of the path is the sibling just below the root.
    if size == 1:
        return leaf if not path else fail("the path is too long")
    if not path:
        fail("the path is too short")
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        left, right = root_of(index, split, leaf, path[:-1]), path[-1]
    else:
        left, right = path[-1], root_of(index - split, size - split, leaf, path[:-1])
    return hashlib.sha256(b"\x01" + left + right).digest()


def main():
    name, key_id, typed = sys.argv[1].split("+", 2)
    typed = b64(typed)
    if len(typed) != 33 or typed[0] != 1:
        fail("not an Ed25519 key")
    if hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4].hex() != key_id:
        fail("the key is not that of the ID")

    proof, note = sys.stdin.buffer.read().decode().split("\n\n", 1)
    header, extra, index, *path = proof.split("\n")
    if header != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra ") or not index.startswith("index "):
        fail("not a receipt")
    entry, index, path = b64(extra[6:]), int(index[6:]), [b64(line) for line in path]

    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    mine = [line.split(" ")[2] for line in signatures.splitlines() if line.split(" ")[1] == name]
    mine = [b64(line) for line in mine]
    mine = [raw[4:] for raw in mine if raw[:4].hex() == key_id]
    if not mine or not all(check_signature(typed[1:], text.encode(), raw) for raw in mine):
        fail("the checkpoint is not signed by the key")
    origin, size, root = text.splitlines()[:3]
    if origin != name:
        fail("the checkpoint is of another log")

    leaf = hashlib.sha256(b"\x00" + entry).digest()
    if not 0 <= index < int(size) or root_of(index, int(size), leaf, path) != b64(root):
        fail("the entry is not in the log")
    print(json.dumps({"index": index, "size": int(size), "id": json.loads(entry)["id"]}))


main()
