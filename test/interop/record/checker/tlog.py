# SPDX-License-Identifier: Apache-2.0
"""A log of C2SP tlog-tiles: its signed checkpoint, its entries, the tree over them (RFC 9162 section 2.1), and receipts (tlog-proof)."""
import base64
import hashlib
import os
import re

import ed25519

MAX_BYTES = 1 << 26
ENTRIES = 256


class Flaw(Exception):
    """What is wrong with a log: a stable code, the first entry concerned, words."""

    def __init__(self, code, message, index=None):
        super().__init__(message)
        self.code, self.index, self.message = code, index, message


def b64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as cause:
        raise Flaw("CHECKPOINT_MALFORMED", "not base64") from cause
    if base64.b64encode(raw).decode() != text:
        raise Flaw("CHECKPOINT_MALFORMED", "not the one form of base64")
    return raw


class Key:
    """A verifier key of C2SP signed-note, Ed25519: `<name>+<key id>+<base64>`."""

    def __init__(self, text):
        name, key_id, typed = text.strip().split("+", 2)
        raw = base64.b64decode(typed, validate=True)
        if len(raw) != 33 or raw[0] != 1:
            raise SystemExit("the key is no Ed25519 key")
        if hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() != key_id:
            raise SystemExit("the key is not that of its id")
        self.name, self.id, self.public = name, bytes.fromhex(key_id), raw[1:]


class Checkpoint:
    def __init__(self, note, key):
        text, mark, signatures = note.rpartition("\n\n")
        if mark == "" or not note.endswith("\n"):
            raise Flaw("CHECKPOINT_MALFORMED", "no signed note")
        verify_note(text + "\n", signatures, key)
        lines = text.split("\n")
        if len(lines) < 3 or not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]):
            raise Flaw("CHECKPOINT_MALFORMED", "no checkpoint")
        if lines[0] != key.name:
            raise Flaw("KEY_UNKNOWN", "the checkpoint is of another log")
        self.size, self.root = int(lines[1]), b64(lines[2])


def verify_note(text, signatures, key):
    mine = []
    for line in signatures.splitlines():
        match = re.fullmatch("\u2014 (\\S+) (\\S+)", line)
        if match is None:
            raise Flaw("CHECKPOINT_MALFORMED", "no signature line")
        raw = b64(match[2])
        if match[1] == key.name and raw[:4] == key.id:
            mine.append(raw[4:])
    if not mine:
        raise Flaw("KEY_UNKNOWN", "the checkpoint is not signed by the key that was given")
    if not all(ed25519.verify(key.public, text.encode(), each) for each in mine):
        raise Flaw("SIGNATURE_INVALID", "the signature is over something else")


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def root_of(hashes):
    """Merkle Tree Hash over leaf hashes, RFC 9162 section 2.1.1."""
    if len(hashes) == 0:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + root_of(hashes[:split]) + root_of(hashes[split:])).digest()


def root_from_path(index, size, leaf, path):
    """The audit path of RFC 9162 section 2.1.3 read from the top: its last hash is the sibling just below the root."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    split = 1 << ((size - 1).bit_length() - 1)
    inner = (index, split) if index < split else (index - split, size - split)
    below = root_from_path(*inner, leaf, path[:-1])
    if below is None:
        return None
    pair = below + path[-1] if index < split else path[-1] + below
    return hashlib.sha256(b"\x01" + pair).digest()


class Directory:
    """The static files of a log below a directory."""

    def __init__(self, path):
        self.path = path

    def read(self, *names):
        try:
            with open(os.path.join(self.path, *names), "rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if len(content) > MAX_BYTES:
            raise Flaw("TILE_CHANGED", f"{'/'.join(names)} is too large")
        return content

    def tile(self, level, number, width):
        digits = str(number).zfill(-(-len(str(number)) // 3) * 3)
        groups = re.findall("...", digits)
        name = "/".join([f"x{each}" for each in groups[:-1]] + groups[-1:])
        return self.read("tile", str(level), *(f"{name}.p/{width}" if width < ENTRIES else name).split("/"))

    def checkpoint(self, key):
        note = self.read("checkpoint")
        if note is None:
            raise Flaw("CHECKPOINT_MISSING", "there is no checkpoint")
        return Checkpoint(note.decode("utf-8", "strict"), key)

    def entries(self, size):
        """What is there of the signed entries, at most `size`; a bundle that ends in the middle of one ends the list."""
        found = []
        for number in range(-(-size // ENTRIES)):
            width = min(ENTRIES, size - number * ENTRIES)
            bundle = self.tile("entries", number, width)
            if bundle is None:
                break
            here = list(split_bundle(bundle))
            found += here
            if len(here) != width:
                break
        return found

    def leaves(self, size):
        """The leaf hashes as the tiles of level 0 have them; they are worth what their root is worth."""
        hashes = b"".join(
            self.tile(0, number, min(ENTRIES, size - number * ENTRIES)) or b"" for number in range(-(-size // ENTRIES))
        )
        return [hashes[at : at + 32] for at in range(0, len(hashes), 32)]


def split_bundle(bundle):
    at = 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 + length > len(bundle):
            yield bundle[at:]
            return
        yield bundle[at + 2 : at + 2 + length]
        at += 2 + length


def locate(entries, checkpoint, tiles):
    """What happened to entries that do not lead to the signed root, by tiles that do."""
    if root_of(tiles) != checkpoint.root or len(tiles) != checkpoint.size:
        return Flaw("ROOT_MISMATCH", "neither entries nor tiles lead to the signed root")
    found = [leaf_hash(each) for each in entries]
    index = next((at for at, signed in enumerate(tiles) if at >= len(found) or found[at] != signed), len(tiles))
    if index == len(tiles):
        return Flaw("RECORD_INSERTED", "there is more than was signed", index)
    if index >= len(found):
        return Flaw("TRUNCATED", f"only {len(found)} of {checkpoint.size} entries are there", index)
    after, signed_after = found[index + 1 : index + 2], tiles[index + 1 : index + 2]
    is_late, is_early = after == [tiles[index]], [found[index]] == signed_after
    if is_late and is_early or (not is_late and not is_early and found[index] in tiles[index + 1 :]):
        return Flaw("RECORD_REORDERED", "an entry is not in its place", index)
    if is_early:
        return Flaw("RECORD_DROPPED", "an entry was taken out", index)
    if is_late or found[index] in tiles[:index]:
        return Flaw("RECORD_INSERTED", "an entry was put in", index)
    return Flaw("RECORD_CHANGED", "an entry is not the one that was signed", index)


def read_log(path, key, trusted=None):
    """The signed entries of a log, or a `Flaw`. `trusted`: a checkpoint that was kept elsewhere."""
    directory = Directory(path)
    checkpoint = directory.checkpoint(key)
    before = None if trusted is None else Checkpoint(trusted, key)
    if before is not None and checkpoint.size < before.size:
        raise Flaw("ROLLED_BACK", f"{checkpoint.size} entries are signed here, {before.size} were before", checkpoint.size)
    entries = directory.entries(checkpoint.size)
    hashes = [leaf_hash(each) for each in entries]
    if len(entries) != checkpoint.size or root_of(hashes) != checkpoint.root:
        raise locate(entries, checkpoint, directory.leaves(checkpoint.size))
    if before is not None and root_of(hashes[: before.size]) != before.root:
        raise Flaw("FORKED", "the log does not continue the one that was signed before")
    return entries


def read_receipt(text, key):
    """The entry, its index and the size of the log that a receipt proves, or a `Flaw`."""
    proof, mark, note = text.partition("\n\n")
    header, extra, index, *path = proof.split("\n")
    if mark == "" or header != "c2sp.org/tlog-proof@v1" or not re.fullmatch(r"index (0|[1-9][0-9]*)", index):
        raise Flaw("PROOF_INVALID", "no receipt")
    if not extra.startswith("extra "):
        raise Flaw("PROOF_INVALID", "the receipt has no entry")
    entry, number, checkpoint = b64(extra[6:]), int(index[6:]), Checkpoint(note, key)
    if number >= checkpoint.size:
        raise Flaw("PROOF_INVALID", "the entry is beyond the log")
    root = root_from_path(number, checkpoint.size, leaf_hash(entry), [b64(each) for each in path])
    if root != checkpoint.root:
        raise Flaw("PROOF_INVALID", "the entry is not in the log that was signed")
    return entry, number, checkpoint.size
