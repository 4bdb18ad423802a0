// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey } from "node:crypto";
import { inOurProfile } from "./certificate-profile.ts";
import { certificateFacts, keyKind, publicKeyKind, splitDer } from "./certificate-text.ts";

/** Says why `actual` is not what the placeholder stands for; undefined = it fits. */
type Check = (body: string, actual: string) => string | undefined;

function fits(pattern: RegExp): Check {
  return (body, actual) => (pattern.test(actual) ? undefined : `${JSON.stringify(actual)} is no <${body}>`);
}

function within(spread: string, actualSeconds: number): string | undefined {
  // Far ends are absolute.
  const [, end] = /^(\d{4}-.*Z)$/.exec(spread) ?? [];
  if (end !== undefined) {
    const leftSeconds = (Date.parse(end) - Date.now()) / 1000;
    return Math.abs(leftSeconds - actualSeconds) < 2 ? undefined : `${actualSeconds.toFixed(1)} s instead of ${spread}`;
  }
  const match = /^(-?\d+)±(\d+)$/.exec(spread);
  const off = Math.abs(actualSeconds - Number(match?.[1]));
  return match !== null && off <= Number(match[2]) ? undefined : `${actualSeconds.toFixed(1)} s instead of ${spread}`;
}

function attribute(body: string, name: string): string {
  return new RegExp(`(?:^| )${name}=("[^"]*"|[^ >]*)`).exec(body)?.[1]?.replaceAll('"', "") ?? "";
}

function compareCertificate(body: string, der: Buffer): string | undefined {
  const [, kind = "", uris = ""] = /^cert:(\S+) (\S*)/.exec(body) ?? [];
  const facts = certificateFacts(der);
  const subject = attribute(body, "subject").replace("<n>", "n");
  const ours = inOurProfile({ key: attribute(body, "key"), keyUsage: attribute(body, "ku"), subject });
  const usages = [...body.matchAll(/eku=\S+/g)].map(([text]) => text.replace(/>$/, "")).join(" ");
  const expected: Record<string, [string, string]> = {
    kind: [kind, facts.kind],
    uris: [uris.includes("=") ? "" : uris, facts.uris],
    subject: [ours.subjects.includes(facts.subject) ? facts.subject : ours.subjects.join(" or "), facts.subject],
    dns: [attribute(body, "dns"), facts.dns],
    key: [attribute(body, "key"), facts.key],
    ku: [ours.keyUsage, facts.keyUsage],
    eku: [usages, facts.extKeyUsage],
  };
  for (const [name, [want, got]] of Object.entries(expected)) {
    if (want !== got) return `certificate ${name}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`;
  }
  return within(attribute(body, "ttl"), facts.secondsLeft);
}

const certificates: Check = (body, actual) => {
  const wanted = `<${body}>`.split(/(?<=>) ?(?=<cert:)/);
  const found = splitDer(Buffer.from(actual, "base64"));
  if (wanted.length !== found.length) return `${String(found.length)} certificates instead of ${String(wanted.length)}`;
  for (const [index, der] of found.entries()) {
    const problem = compareCertificate(wanted[index]?.slice(1, -1) ?? "", der);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

function decodeSegment(segment: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(segment ?? "", "base64url").toString("utf8")) as Record<string, unknown>;
}

const jwt: Check = (body, actual) => {
  const [header, claims] = actual.split(".").slice(0, 2).map(decodeSegment);
  if (header === undefined || claims === undefined) return "no JWT";
  const expected: Record<string, [string, string]> = {
    alg: [attribute(body, "alg"), String(header["alg"])],
    typ: [attribute(body, "typ"), String(header["typ"])],
    header: [attribute(body, "header"), Object.keys(header).toSorted().join(",")],
    claims: [attribute(body, "claims"), Object.keys(claims).toSorted().join(",")],
    sub: [attribute(body, "sub"), String(claims["sub"])],
    aud: [/aud=(\[[^\]]*\])/.exec(body)?.[1] ?? "", JSON.stringify(claims["aud"])],
  };
  for (const [name, [want, got]] of Object.entries(expected)) {
    if (want !== got) return `token ${name}: ${got} instead of ${want}`;
  }
  return within(attribute(body, "ttl"), Number(claims["exp"]) - Date.now() / 1000);
};

/** Names of members in order, some with their value. */
function jwkText(jwk: Record<string, unknown>): string {
  const valued = new Set(["kty", "crv", "use", "alg"]);
  const members = Object.keys(jwk).toSorted();
  return `{${members.map((name) => (valued.has(name) ? `${name}=${String(jwk[name])}` : name)).join(" ")}}`;
}

const jwks: Check = (body, actual) => {
  const set = JSON.parse(Buffer.from(actual, "base64").toString("utf8")) as { keys?: Record<string, unknown>[] };
  const rest = Object.keys(set).filter((name) => name !== "keys");
  const loose = (text: string): string => text.replaceAll(/[\s,]+/g, " ").trim();
  const got = `jwks keys=[${(set.keys ?? []).map(jwkText).join(", ")}] ${rest.join(" ")}`;
  return loose(got) === loose(body) ? undefined : `${got} instead of ${body}`;
};

const challenge: Check = (_, actual) => {
  const value = JSON.parse(Buffer.from(actual, "base64").toString("utf8")) as Record<string, { nonce: string } | null>;
  const nonces = ["rsa_signature", "ecdsa_signature"].flatMap((name) => value[name]?.nonce ?? []);
  return nonces.length === 1 && Buffer.from(nonces[0] ?? "", "base64").length === 32 ? undefined : "no challenge";
};

const keyOf: Check = (body, actual) => {
  const bytes = Buffer.from(actual, "base64");
  const [form, want = ""] = body.split(":");
  const got =
    form === "spki" ? publicKeyKind(bytes) : keyKind(createPrivateKey({ key: bytes, format: "der", type: "pkcs8" }));
  return got === want ? undefined : `${got} instead of ${want}`;
};

const checks: readonly [RegExp, Check][] = [
  [/^time\+/, (body, actual) => within(body.slice("time+".length), Number(actual) - Date.now() / 1000)],
  [/^uuid$/, fits(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)],
  [/^serial$/, fits(/^[1-9]\d*$/)],
  [/^kid$/, fits(/^[A-Za-z0-9]{32}$/)],
  [/^ski$/, fits(/^[0-9a-f]{40}$/)],
  [/^hex8$/, fits(/^[0-9a-f]{8}$/)],
  [/^int$/, fits(/^-?\d+$/)],
  [/^any$/, () => undefined],
  [/^cert:/, certificates],
  [/^spki:|^pkcs8:/, keyOf],
  [/^jwt /, jwt],
  [/^jwks /, jwks],
  [/^x509pop challenge$/, challenge],
];

/** Compares a value with a placeholder; undefined when `expected` is none, else the problem or "". */
export function checkPlaceholder(expected: string, actual: string): string | undefined {
  const body = /^<(.*)>$/s.exec(expected)?.[1];
  const check = checks.find(([pattern]) => body !== undefined && pattern.test(body))?.[1];
  if (body === undefined || check === undefined) return undefined;
  try {
    return check(body, actual) ?? "";
  } catch (error) {
    return `${expected}: ${String(error)}`;
  }
}
