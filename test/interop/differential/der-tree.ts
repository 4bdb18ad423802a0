// SPDX-License-Identifier: Apache-2.0
import type { Random } from "./random.ts";

/** A TLV that can be changed: contents, or members for a constructed one and for an OCTET STRING that wraps DER. */
interface DerNode {
  tag: number;
  contents: Buffer;
  members: DerNode[] | undefined;
  /** Writes the length in one octet more than needed, which is BER and no DER. */
  longLength: boolean;
}

/** One change of the tree; `parent` is undefined at its root. */
type Change = (node: DerNode, parent: DerNode | undefined, random: Random) => void;

function readNodes(der: Buffer): DerNode[] | undefined {
  const nodes: DerNode[] = [];
  for (let at = 0; at < der.length; ) {
    const tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0xff;
    const octets = first < 0x80 ? 0 : first & 0x7f;
    if ((tag & 0x1f) === 0x1f || octets > 3 || at + 2 + octets > der.length) return undefined;
    const length = octets === 0 ? first : der.readUIntBE(at + 2, octets);
    const start = at + 2 + octets;
    if (start + length > der.length) return undefined;
    const contents = der.subarray(start, start + length);
    const holdsDer = (tag & 0x20) !== 0 || (tag === 0x04 && length > 2);
    nodes.push({ tag, contents, members: holdsDer ? readNodes(contents) : undefined, longLength: false });
    at = start + length;
  }
  return nodes;
}

function write(node: DerNode): Buffer {
  const contents = node.members === undefined ? node.contents : Buffer.concat(node.members.map(write));
  const length: number[] = [];
  for (let left = contents.length; left > 0; left >>= 8) length.unshift(left & 0xff);
  if (node.longLength) length.unshift(0);
  const isShort = contents.length < 0x80 && !node.longLength;
  const header = isShort ? [node.tag, contents.length] : [node.tag, 0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from(header), contents]);
}

function flatten(node: DerNode, parent?: DerNode): (readonly [DerNode, DerNode | undefined])[] {
  return [[node, parent], ...(node.members ?? []).flatMap((member) => flatten(member, node))];
}

function editContents(node: DerNode, random: Random): void {
  if (node.members !== undefined) return;
  const octets = [...node.contents];
  const at = random.below(octets.length + 1);
  const kind = random.below(5);
  if (kind === 0) octets[at] = random.below(256);
  else if (kind === 1) octets.splice(at, 1 + random.below(3));
  else if (kind === 2) octets.splice(at, 0, random.below(256));
  else if (kind === 3) octets[at] = (octets[at] ?? 0) ^ (1 << random.below(8));
  else octets.length = random.below(2) * at;
  node.contents = Buffer.from(octets);
}

const changes: readonly Change[] = [
  (node, _parent, random) => editContents(node, random),
  (node, _parent, random) => editContents(node, random),
  (node, _parent, random) => {
    node.tag = random.chance(50) ? node.tag ^ (1 << random.below(8)) : random.pick([1, 2, 3, 4, 5, 12, 19, 22, 23, 24]);
  },
  (node, parent) => parent?.members?.splice(parent.members.indexOf(node), 1),
  (node, parent) => parent?.members?.push(structuredClone(node)),
  (node, parent, random) => {
    const members = parent?.members ?? [];
    const [from, to] = [members.indexOf(node), random.below(members.length || 1)];
    const other = members[to];
    if (other === undefined) return;
    members[from] = other;
    members[to] = node;
  },
  (node) => {
    if (node.tag === 0x01) node.contents = Buffer.of(node.contents[0] === 0xff ? 0 : 0xff);
  },
  (node) => {
    node.longLength = true;
  },
  (node, _parent, random) => {
    // A digit of a time, a character of a name.
    const text = node.contents.toString("latin1");
    if (node.tag === 0x17 || node.tag === 0x18)
      node.contents = Buffer.from(text.replace(/\d(?=\d*Z)/, String(random.below(10))), "latin1");
  },
];

/** DER with `count` changes of its structure or values, all lengths right again; undefined when it is no DER to begin with. */
export function changeDer(der: Uint8Array, count: number, random: Random): Buffer | undefined {
  const [root] = readNodes(Buffer.from(der)) ?? [];
  if (root === undefined) return undefined;
  for (let left = count; left > 0; left--) {
    const [node, parent] = random.pick(flatten(root));
    random.pick(changes)(node, parent, random);
  }
  return write(root);
}

/** DER in which every URI name is `uri`. */
export function replaceUri(der: Uint8Array, uri: string): Buffer | undefined {
  const [root] = readNodes(Buffer.from(der)) ?? [];
  if (root === undefined) return undefined;
  for (const [node] of flatten(root)) if (node.tag === 0x86) node.contents = Buffer.from(uri, "utf8");
  return write(root);
}

/** The TBSCertificate and the AlgorithmIdentifier of a certificate, DER; undefined for what is none (any more). */
export function partsOf(certificate: Uint8Array): { readonly tbs: Buffer; readonly algorithm: Buffer } | undefined {
  const [tbs, algorithm] = readNodes(Buffer.from(certificate))?.[0]?.members ?? [];
  if (tbs === undefined || algorithm === undefined) return undefined;
  return { tbs: write(tbs), algorithm: write(algorithm) };
}

/** A SEQUENCE of two DER values and a BIT STRING: a certificate. */
export function join(tbs: Uint8Array, algorithm: Uint8Array, signature: Uint8Array): Buffer {
  const plain = { members: undefined, longLength: false };
  const bits = write({ tag: 0x03, contents: Buffer.concat([Buffer.of(0), signature]), ...plain });
  return write({ tag: 0x30, contents: Buffer.concat([tbs, algorithm, bits]), ...plain });
}
