// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { Certificate } from "@mayfly/x509";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AttestationError,
  type AttestationErrorCode,
  createX509popAttestor,
  createX509popVerifier,
  type NodeIdentity,
} from "../src/index.ts";

interface Node {
  readonly chain: readonly string[];
  readonly key: string;
}
interface Fixtures {
  readonly root: string;
  readonly nodes: Readonly<Record<string, Node>>;
  readonly recorded: Node & { readonly root: string; readonly path: string };
}

// Made for these tests; the keys protect nothing.
const fixtures = JSON.parse(
  readFileSync(new URL("./fixtures/node-certificates.json", import.meta.url), "utf8"),
) as Fixtures;
const octets = (text: string): Uint8Array => Buffer.from(text, "base64");
const root = Certificate.parse(octets(fixtures.root));
const now = new Date("2027-01-01T00:00:00Z");

function node(name: string): Node {
  const found = fixtures.nodes[name];
  if (found === undefined) throw new Error(name);
  return found;
}

function attestorOf({ chain, key }: Node): ReturnType<typeof createX509popAttestor> {
  const privateKey = createPrivateKey({ key: Buffer.from(key, "base64"), format: "der", type: "pkcs8" });
  return createX509popAttestor({ chain: chain.map(octets), privateKey });
}

interface Play {
  readonly roots?: readonly Certificate[];
  readonly at?: Date;
  readonly respond?: (challenge: Uint8Array) => Promise<Uint8Array>;
}

async function attest(each: Node, { roots = [root], at = now, respond }: Play = {}): Promise<NodeIdentity> {
  const attestor = attestorOf(each);
  const verifier = createX509popVerifier({ roots, trustDomain: "example.org", now: () => at });
  return verifier.verify({
    payload: await attestor.evidence(),
    spki: new Uint8Array(),
    keyProven: true,
    challenge: respond ?? ((bytes) => attestor.respond(bytes)),
  });
}

async function codeOf(attempt: Promise<unknown>): Promise<AttestationErrorCode> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AttestationError) return error.code;
  throw new Error(`expected a refusal, got ${String(error)}`);
}

describe("x509pop", () => {
  it.each(["ec", "p384", "rsa", "client-eku", "below-intermediate"])("accepts an honest node: %s", async (name) => {
    const identity = await attest(node(name));
    expect(identity.canReattest).toBe(true);
    expect(identity.agentPath).toMatch(/^\/x509pop\/[0-9a-f]{40}$/);
  });

  it("gives the path that the reference implementation gave to the same certificate", async () => {
    const { recorded } = fixtures;
    const roots = [Certificate.parse(octets(recorded.root))];
    expect((await attest(recorded, { roots })).agentPath).toBe(recorded.path);
  });

  it("tells name, serial number, authorities and SAN of the own trust domain as selectors", async () => {
    const { selectors } = await attest(node("below-intermediate"));
    const values = selectors.map(({ type, value }) => `${type}:${value}`);
    expect(values.filter((value) => !value.includes("ca:fingerprint"))).toEqual([
      "x509pop:subject:cn:node-1",
      "x509pop:serialnumber:a1b2",
      "x509pop:san:rack:7/b",
    ]);
    expect(values.filter((value) => /^x509pop:ca:fingerprint:[0-9a-f]{40}$/.test(value))).toHaveLength(2);
  });

  it("NOD-D07: refuses a nonce that another key signed", async () => {
    const other = attestorOf({ ...node("ec"), key: node("client-eku").key });
    expect(await codeOf(attest(node("ec"), { respond: (bytes) => other.respond(bytes) }))).toBe("PROOF_REFUSED");
  });

  it("NOD-D08: refuses the answer to an earlier challenge", async () => {
    const attestor = attestorOf(node("ec"));
    let old: Uint8Array = new Uint8Array();
    await attest(node("ec"), {
      respond: async (bytes) => {
        old = await attestor.respond(bytes);
        return old;
      },
    });
    expect(await codeOf(attest(node("ec"), { respond: async () => old }))).toBe("PROOF_REFUSED");
  });

  it.each(["ca-leaf", "wrong-eku", "unknown-critical", "wrong-pool", "no-digital-signature"])(
    "NOD-D09: refuses a certificate with a defect: %s",
    async (name) => {
      expect(await codeOf(attest(node(name)))).toBe("CERTIFICATE_REFUSED");
    },
  );

  it("NOD-D09: refuses a certificate that ended a second ago, and takes it in its last second", async () => {
    const { notAfter } = Certificate.parse(octets(node("ec").chain[0] ?? ""));
    const at = new Date(notAfter.getTime() + 1000);
    expect(await codeOf(attest(node("ec"), { at }))).toBe("CERTIFICATE_REFUSED");
    expect(
      await attest(node("ec"), { at: notAfter, roots: [root] }).then(
        () => true,
        () => false,
      ),
    ).toBe(true);
  });

  it("refuses the answer of the other kind of key, an empty one, and none that can be read", async () => {
    const answer = (text: string): Play => ({ respond: async () => Buffer.from(text) });
    expect(await codeOf(attest(node("ec"), answer("{}")))).toBe("PROOF_REFUSED");
    expect(await codeOf(attest(node("ec"), answer('{"rsa_signature":{"nonce":"AA==","signature":"AA=="}}')))).toBe(
      "PROOF_REFUSED",
    );
    expect(await codeOf(attest(node("ec"), answer("not json")))).toBe("EVIDENCE_MALFORMED");
    expect(await codeOf(attest(node("ec"), answer('{"ecdsa_signature":{"nonce":"AA==","r":"AA==","s":"AA=="}}')))).toBe(
      "PROOF_REFUSED",
    );
  });

  it("refuses more than four intermediates and payloads that are too long", async () => {
    const [leaf = ""] = node("ec").chain;
    expect(await codeOf(attest({ ...node("ec"), chain: Array.from({ length: 6 }, () => leaf) }))).toBe(
      "EVIDENCE_MALFORMED",
    );
    expect(await codeOf(attest({ ...node("ec"), chain: ["A".repeat(200_000)] }))).toBe("EVIDENCE_MALFORMED");
  });

  it("gives nothing but its own errors for any payload", async () => {
    const verifier = createX509popVerifier({ roots: [root], trustDomain: "example.org", now: () => now });
    const payloads = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.array(fc.base64String()).map((certificates) => Buffer.from(JSON.stringify({ certificates }))),
    );
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        const evidence = { payload, spki: new Uint8Array(), keyProven: true, challenge: async () => new Uint8Array() };
        expect(["EVIDENCE_MALFORMED", "CERTIFICATE_REFUSED"]).toContain(await codeOf(verifier.verify(evidence)));
      }),
    );
  });

  it("the node refuses a challenge that it does not know", async () => {
    const attestor = attestorOf(node("rsa"));
    const nonce = Buffer.alloc(32).toString("base64");
    const challenge = Buffer.from(JSON.stringify({ ecdsa_signature: { nonce }, rsa_signature: null }));
    expect(await codeOf(attestor.respond(challenge))).toBe("UNEXPECTED_CHALLENGE");
    expect(await codeOf(attestor.respond(Buffer.from("{}")))).toBe("EVIDENCE_MALFORMED");
  });
});
