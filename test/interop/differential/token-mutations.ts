// SPDX-License-Identifier: Apache-2.0
import { createHmac } from "node:crypto";
import type { Random } from "./random.ts";
import { signInput, type TokenKey } from "./token-bases.ts";

/** A token and what it is judged by; the clock is the machine's. */
export interface TokenCase {
  readonly kind: "jwt";
  /** What was done to it. */
  readonly mutation: string;
  readonly token: string;
  readonly audience: readonly string[];
  /** JWK sets by trust domain. */
  readonly bundles: Readonly<Record<string, unknown>>;
}

/** Keys of the trust domains that have bundles. */
export interface TokenWorld {
  readonly own: readonly TokenKey[];
  readonly other: readonly TokenKey[];
}

interface Draft {
  readonly world: TokenWorld;
  key: TokenKey;
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  /** Text in place of the JSON of header or claims. */
  headerText: string | undefined;
  claimsText: string | undefined;
  /** What the signature is made with, whatever the header says. */
  signWith: string;
  bundles: Record<string, { keys: Record<string, unknown>[] }>;
  audience: string[];
  /** Applied to the finished token. */
  finish: (token: string) => string;
}

const base64url = (text: string | Buffer): string => Buffer.from(text).toString("base64url");
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

// Far enough from the edges of both validators that the seconds between their verdicts do not count.
const distances = [-86_400, -3_600, -90, -30, 30, 40, 600, 3_600];

const values: readonly unknown[] = ["", "x", 0, 1, -1, 1.5, 1e300, true, null, [], {}, ["db"], [""], ["db", 1], "db"];

const subjects: readonly unknown[] = [
  "spiffe://example.org",
  "spiffe://example.org/",
  "spiffe://other.test/w",
  "spiffe://third.test/w",
  "spiffe://EXAMPLE.org/w",
  "spiffe://example.org/w/",
  "spiffe://example.org/../w",
  "spiffe://example.org/%77",
  "spiffe://example.org/é",
  `spiffe://example.org/${"w".repeat(2_100)}`,
  `spiffe://${"a".repeat(256)}/w`,
  "spiffe://",
  "https://example.org/w",
  "w",
  "",
  7,
  null,
  ["spiffe://example.org/w"],
];

type Mutation = (draft: Draft, random: Random) => void;

const mutations: Readonly<Record<string, Mutation>> = {
  none: () => undefined,
  "algorithm of the header": (draft, random) => {
    draft.header["alg"] = random.pick([
      "none",
      "None",
      "HS256",
      "ES256K",
      "EdDSA",
      "es256",
      "RS1",
      "ES256",
      "RS256",
      "PS512",
      1,
      null,
    ]);
  },
  "algorithm of the signature": (draft, random) => {
    const isRsa = draft.key.privateKey.asymmetricKeyType === "rsa";
    draft.signWith = random.pick(
      isRsa ? ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] : ["ES256", "ES384", "ES512"],
    );
    if (random.chance(70)) draft.header["alg"] = draft.signWith;
  },
  "HMAC with the public key": (draft) => {
    draft.header["alg"] = "HS256";
    draft.finish = (token) => {
      const input = token.slice(0, token.lastIndexOf("."));
      return `${input}.${createHmac("sha256", JSON.stringify(draft.key.jwk)).update(input).digest("base64url")}`;
    };
  },
  "key ID": (draft, random) => {
    const others = [...draft.world.own, ...draft.world.other].map(({ keyId }) => keyId);
    draft.header["kid"] = random.pick<unknown>([...others, undefined, "", 1, null, ["k"], "unknown"]);
  },
  type: (draft, random) => {
    draft.header["typ"] = random.pick<unknown>(["JWT", "JOSE", "jwt", "at+jwt", "", null, 1, undefined, ["JWT"]]);
  },
  "another header": (draft, random) => {
    const { jwk } = draft.key;
    const [name, value] = random.pick<readonly [string, unknown]>([
      ["crit", ["exp"]],
      ["crit", ["b64"]],
      ["crit", []],
      ["b64", false],
      ["jwk", jwk],
      ["jku", "https://example.org/keys"],
      ["x5u", "https://example.org/certificate"],
      ["x5c", ["AA"]],
      ["x5t", "AA"],
      ["cty", "JWT"],
      ["zip", "DEF"],
      ["enc", "A128GCM"],
      ["nonce", "n"],
      ["url", "u"],
      ["__proto__", {}],
      ["ALG", "none"],
    ]);
    draft.headerText = JSON.stringify(draft.header).replace(
      /\}$/,
      `,${JSON.stringify(name)}:${JSON.stringify(value)}}`,
    );
  },
  subject: (draft, random) => {
    draft.claims["sub"] = random.pick([...subjects, undefined]);
  },
  audience: (draft, random) => {
    draft.claims["aud"] = random.pick<unknown>([...values, undefined, "DB", "db ", Array(40).fill("db"), ["a", "db"]]);
  },
  "audiences of the validator": (draft, random) => {
    draft.audience = random.pick([["db"], ["other"], ["other", "db"], ["DB"], ["spiffe://example.org/db"]]);
  },
  expiry: (draft, random) => {
    const from = nowSeconds();
    const times = distances.map((distance) => from + distance);
    draft.claims["exp"] = random.pick<unknown>([
      ...times,
      ...times,
      from + 300.5,
      String(from + 300),
      ...values,
      undefined,
    ]);
  },
  "times beside expiry": (draft, random) => {
    const from = nowSeconds();
    const times = distances.map((distance) => from + distance);
    draft.claims[random.pick(["nbf", "iat"])] = random.pick<unknown>([...times, ...times, from + 0.5, ...values]);
  },
  "other claims": (draft, random) => {
    const name = random.pick([
      "iss",
      "jti",
      "sub ",
      "Sub",
      "EXP",
      "Aud",
      "__proto__",
      "constructor",
      "cnf",
      "act",
      "nested",
    ]);
    const nested = JSON.parse("[".repeat(40) + "]".repeat(40)) as unknown;
    draft.claims[name] = random.pick<unknown>([...values, nested]);
  },
  "text of the JSON": (draft, random) => {
    const isHeader = random.chance(40);
    const text = JSON.stringify(isHeader ? draft.header : draft.claims);
    const changed = random.pick([
      ` ${text} `,
      `${text}x`,
      `${text}${text}`,
      text.replace("{", '{"sub":"spiffe://other.test/w",'),
      text.replace("{", '{"alg":"none",'),
      text.replace("{", "{,"),
      text.replace("}", ",}"),
      text.replace(/"(sub|kid)"/, String.raw`"\u0073ub"`),
      text.slice(0, random.below(text.length)),
      text.replace(":", ":/**/"),
      text.replaceAll('"', "'"),
      `\ufeff${text}`,
      `[${text}]`,
      "null",
      "",
      text.replace("}", String.raw`,"x":"\ud800"}`),
      text.replace("}", ',"x":1e400}'),
      text.replace("}", ',"x":01}'),
      text.replace("}", ',"x":NaN}'),
    ]);
    if (isHeader) draft.headerText = changed;
    else draft.claimsText = changed;
  },
  "text of the token": (draft, random) => {
    const [kind, place] = [random.below(14), random.below(10_000)];
    draft.finish = (token) => changeText(token, kind, place, random);
  },
  signature: (draft, random) => {
    const kind = random.below(6);
    draft.finish = (token) => changeSignature(token, kind, random);
  },
  bundles: (draft, random) => {
    const kind = random.below(8);
    const own = draft.bundles["example.org"];
    const first = own?.keys[0];
    if (kind === 0) draft.bundles = {};
    else if (kind === 1) delete draft.bundles["example.org"];
    else if (kind === 2) draft.bundles["example.org"] = { keys: [] };
    else if (kind === 3)
      draft.bundles = { "example.org": keySet(draft.world.other), "other.test": keySet(draft.world.own) };
    else if (kind === 4 && own !== undefined)
      for (const key of own.keys) key["use"] = random.pick(["jwt-svid", "sig", "enc", "x509-svid"]);
    else if (kind === 5 && own !== undefined)
      for (const key of own.keys) key["alg"] = random.pick(["ES256", "RS256", "none", "PS512"]);
    else if (kind === 6 && own !== undefined && first !== undefined) own.keys.push({ ...first, kid: draft.key.keyId });
    else if (own !== undefined) for (const key of own.keys) key["key_ops"] = random.pick([["verify"], ["sign"], []]);
  },
};

function changeText(token: string, kind: number, place: number, random: Random): string {
  const at = place % token.length;
  const [header = "", payload = "", signature = ""] = token.split(".");
  const changed = [
    () => token.slice(0, at) + random.pick(["A", "_", "-", "+", "/", "=", " ", "\n", "é", "."]) + token.slice(at + 1),
    () => token.slice(0, at) + random.pick(["=", " ", "\n", "\r", "\t", "."]) + token.slice(at),
    () => token.slice(0, at),
    () => `${token}.`,
    () => `.${token}`,
    () => `${token}=`,
    () => `${header}=.${payload}.${signature}`,
    () => ` ${token}`,
    () => `${token}\n`,
    () => JSON.stringify({ protected: header, payload, signature }),
    () => JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    () => `${header}..${signature}`,
    () => `${token}.${payload}.${signature}`,
    () => `${token}${"A".repeat(17_000)}`,
  ];
  return (changed[kind] ?? (() => token))();
}

function changeSignature(token: string, kind: number, random: Random): string {
  const at = token.lastIndexOf(".") + 1;
  const input = token.slice(0, at);
  const octets = [...Buffer.from(token.slice(at), "base64url")];
  if (kind === 0) octets[random.below(octets.length)] = random.below(256);
  else if (kind === 1) octets.push(random.below(256));
  else if (kind === 2) octets.pop();
  else if (kind === 3) octets.fill(0);
  else if (kind === 4) octets.length = 0;
  // The last character with other bits that are not used: the same octets, written in a form that is not canonical.
  else return input + token.slice(at, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1);
  return input + base64url(Buffer.from(octets));
}

const keySet = (keys: readonly TokenKey[]): { keys: Record<string, unknown>[] } => ({
  keys: keys.map(({ jwk }) => ({ ...jwk })),
});

const names = Object.keys(mutations);

/** A token with one mutation, sometimes two, that was good until then. */
export function tokenCase(world: TokenWorld, random: Random): TokenCase {
  const key = random.pick(world.own);
  const draft: Draft = {
    world,
    key,
    header: { alg: key.algorithm, kid: key.keyId, typ: "JWT" },
    claims: { sub: "spiffe://example.org/w", aud: ["db"], exp: nowSeconds() + 600, iat: nowSeconds() },
    headerText: undefined,
    claimsText: undefined,
    signWith: key.algorithm,
    bundles: { "example.org": keySet(world.own), "other.test": keySet(world.other) },
    audience: ["db"],
    finish: (token) => token,
  };
  const chosen = [random.pick(names), ...(random.chance(15) ? [random.pick(names)] : [])];
  for (const name of chosen) mutations[name]?.(draft, random);
  const { header, claims, audience, bundles } = draft;
  const input = `${base64url(draft.headerText ?? JSON.stringify(header))}.${base64url(draft.claimsText ?? JSON.stringify(claims))}`;
  const token = draft.finish(
    `${input}.${signInput(draft.signWith, input, draft.key.privateKey).toString("base64url")}`,
  );
  return { kind: "jwt", mutation: chosen.join(" + "), token, audience, bundles };
}
