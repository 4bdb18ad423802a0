// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign } from "node:crypto";
import * as fc from "fast-check";
import { expectCode } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import {
  type BundleTexts,
  PolicyBundle,
  PolicyError,
  type PolicyEvent,
  PolicyStore,
  readBundleFiles,
  signManifest,
  starterPolicies,
  writeManifest,
} from "../src/index.ts";
import { bundleOf, callOf, permitAll, sealed } from "./policy-kit.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");

const signed = (texts: BundleTexts): BundleTexts => ({ ...texts, signature: signManifest(texts.manifest, privateKey) });

describe("[POL-D03] what strict validation refuses", () => {
  it.each([
    ["a syntax error", "permit (principal, action, resource"],
    ["an entity type that is not there", "permit (principal is Admin, action, resource);"],
    ["an action that is not there", 'permit (principal, action == Action::"delete", resource);'],
    ["text compared with a number", 'permit (principal, action, resource) when { context.depth == "10" };'],
    [
      "text compared with a number argument",
      'permit (principal, action, resource) when { context.arguments has amount && context.arguments.amount == "10" };',
    ],
    ["an attribute that is not there", "permit (principal, action, resource) when { context.user == context.user };"],
    ["an argument that is not guarded", "permit (principal, action, resource) when { context.arguments.amount < 10 };"],
    ["a policy that can never apply", 'permit (principal is Agent, action, resource) when { principal in Task::"t" };'],
    ["a template", "permit (principal == ?principal, action, resource);"],
    ["two policies in one text", `${permitAll}\n${permitAll}`],
    ["no policy in a text", "// nothing"],
  ])("refuses %s, and the rest of the bundle with it", async (_, text) => {
    const error = await expectCode(() => bundleOf(permitAll, text), "POLICY_INVALID");
    expect((error as PolicyError).problems.length).toBeGreaterThan(0);
  });

  it.each([
    ["that is no Cedar", "type Arguments = {"],
    ["that declares no arguments", "entity Extra;"],
    ["that redefines what is built in", "type Arguments = {}; entity Task;"],
    ["with entities as arguments", "type Arguments = { who?: Operator };"],
  ])("refuses a schema %s", async (_, ownSchema) => {
    await expectCode(() => PolicyBundle.load(sealed({ all: permitAll }, ownSchema)), "SCHEMA_INVALID");
  });

  it("names every policy that is wrong", async () => {
    const bad = "permit (principal, action, resource) when { context.nope };";
    const error = await expectCode(() => bundleOf(bad, permitAll, bad), "POLICY_INVALID");
    expect([...new Set((error as PolicyError).problems.map(({ path }) => path))].sort()).toEqual(["p0", "p2"]);
  });
});

describe("[POL-D07] a bundle that was edited", () => {
  const good = sealed({ all: permitAll, other: permitAll });

  it.each<[string, Partial<BundleTexts>]>([
    ["a policy changed by one character", { policies: { ...good.policies, all: `${permitAll} ` } }],
    ["a policy removed", { policies: { all: permitAll } }],
    ["a policy added", { policies: { ...good.policies, more: permitAll } }],
    ["a policy under the name of another", { policies: { all: permitAll, another: permitAll } }],
    ["the schema changed", { schema: "type Arguments = {};" }],
    ["the schema removed", { schema: undefined }],
  ])("is refused: %s", async (_, change) => {
    expect(PolicyBundle.load(good).authorize(callOf()).allowed).toBe(true);
    await expectCode(() => PolicyBundle.load({ ...good, ...change }), "DIGEST_MISMATCH");
  });

  it("is refused with a manifest to match, where a key is pinned", async () => {
    const edited = { all: permitAll, other: "permit (principal, action, resource) when { true };" };
    const texts = { ...good, policies: edited, manifest: writeManifest({ policies: edited, schema: good.schema }, 1) };
    const pinned = { trustedKey: publicKey };
    await expectCode(() => PolicyBundle.load(texts, pinned), "SIGNATURE_MISSING");
    const { signature } = signed(good);
    await expectCode(() => PolicyBundle.load({ ...texts, signature }, pinned), "SIGNATURE_INVALID");
    const other = signManifest(texts.manifest, generateKeyPairSync("ed25519").privateKey);
    await expectCode(() => PolicyBundle.load({ ...texts, signature: other }, pinned), "SIGNATURE_INVALID");
    for (const bad of ["", "AAAA", `${signature ?? ""}AAAA`, (signature ?? "").replace("=", "")]) {
      await expectCode(() => PolicyBundle.load({ ...good, signature: bad }, pinned), "SIGNATURE_INVALID");
    }
    expect(PolicyBundle.load(signed(good), pinned).authorize(callOf()).allowed).toBe(true);
  });

  it("is refused where any byte of the manifest says something else", async () => {
    const lines = good.manifest.split("\n");
    const texts = signed(good);
    for (const [from, to] of [
      ['"revision": 1', '"revision": 2'],
      ['"base": 1', '"base": 2'],
      ['"all"', '"al"'],
      [lines[5] ?? "", ""],
    ] as const) {
      const manifest = texts.manifest.replace(from, to);
      expect(manifest).not.toBe(texts.manifest);
      const load = (): unknown => PolicyBundle.load({ ...texts, manifest }, { trustedKey: publicKey });
      await expect(Promise.resolve().then(load)).rejects.toBeInstanceOf(PolicyError);
    }
  });

  it.each(['"base": 2', '"base": 1, "extra": 1'])(
    "is refused when its manifest is not of our kind: %s",
    async (base) => {
      const manifest = good.manifest.replace('"base": 1', base);
      await expectCode(() => PolicyBundle.load({ ...good, manifest }), "BUNDLE_MALFORMED");
    },
  );

  it("is refused with a signature that was made for something else than a manifest", async () => {
    const { policies, schema, ...others } = JSON.parse(good.manifest) as Record<string, unknown>;
    const { base, format, revision } = others;
    const bare = JSON.stringify({ base, format, policies, revision, schema });
    const by = (text: string): string => sign(null, Buffer.from(text), privateKey).toString("base64");
    const load = (signature: string): PolicyBundle =>
      PolicyBundle.load({ ...good, signature }, { trustedKey: publicKey });
    await expectCode(() => load(by(bare)), "SIGNATURE_INVALID");
    expect(load(by(`mayfly-policy-manifest-v1\n${bare}`)).authorize(callOf()).allowed).toBe(true);
  });

  it("only an Ed25519 key can be pinned", () => {
    const { publicKey: ec } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(() => PolicyBundle.load(signed(good), { trustedKey: ec })).toThrow(TypeError);
  });
});

describe("the digest", () => {
  it("is of the content, not of how the manifest is written", () => {
    const texts = sealed({ b: permitAll, a: permitAll });
    const { digest } = PolicyBundle.load(texts);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const shuffled = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(texts.manifest) as object).reverse()));
    expect(PolicyBundle.load({ ...texts, manifest: shuffled }).digest).toBe(digest);
    expect(PolicyBundle.load(sealed({ a: permitAll })).digest).not.toBe(digest);
  });
});

describe("files", () => {
  it("are read by their paths", () => {
    const { policies, manifest } = starterPolicies();
    const files = Object.fromEntries(Object.entries(policies).map(([id, text]) => [`policies/${id}.cedar`, text]));
    expect(PolicyBundle.load(readBundleFiles({ ...files, "manifest.json": manifest })).digest).toBe(
      PolicyBundle.load(starterPolicies()).digest,
    );
  });

  it.each(["policies/deny.cedar.bak", "policies/deny.txt", "deny.cedar", "README"])(
    "[POL-D07] %s is not left lying there unread",
    async (path) => {
      await expectCode(() => readBundleFiles({ "manifest.json": "{}", [path]: permitAll }), "BUNDLE_MALFORMED");
    },
  );

  it.each(["Deny", "../deny", "a b", ".deny", "x".repeat(65), "__proto__"])("%s is no id", async (id) => {
    await expectCode(
      () => PolicyBundle.load({ policies: Object.fromEntries([[id, permitAll]]), manifest: "{}" }),
      "BUNDLE_MALFORMED",
    );
  });

  it("over a limit are not looked at", async () => {
    const long = `${permitAll}//${"x".repeat(16_384)}`;
    await expectCode(() => bundleOf(long), "BUNDLE_TOO_LARGE");
    await expectCode(() => bundleOf(...Array.from({ length: 501 }, () => permitAll)), "BUNDLE_TOO_LARGE");
  });

  it("whatever the manifest is, it is refused with a code or taken", () => {
    const { policies } = sealed({ all: permitAll });
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({
          format: fc.constant("mayfly-policy-1"),
          base: fc.nat(2),
          revision: fc.integer(),
          policies: fc.object(),
        })
        .map((each) => JSON.stringify(each)),
    );
    fc.assert(
      fc.property(texts, (manifest) => {
        try {
          PolicyBundle.load({ policies, manifest });
          return false;
        } catch (error) {
          return error instanceof PolicyError && ["BUNDLE_MALFORMED", "DIGEST_MISMATCH"].includes(error.code);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("the store", () => {
  const open = (options = {}): { store: PolicyStore; events: PolicyEvent[] } => {
    const events: PolicyEvent[] = [];
    return { store: new PolicyStore((event) => events.push(event), options), events };
  };
  const at = (revision: number, policies: Record<string, string>): BundleTexts => ({
    policies,
    manifest: writeManifest({ policies }, revision),
  });

  it.each<[string, () => BundleTexts]>([
    ["a syntax error", () => at(2, { all: "permit (" })],
    ["half a file", () => ({ ...at(2, { all: permitAll }), policies: { all: permitAll.slice(0, 12) } })],
    [
      "half a manifest",
      () => ({ ...at(2, { all: permitAll }), manifest: at(2, { all: permitAll }).manifest.slice(0, 40) }),
    ],
    [
      "files that can't be read",
      () => {
        throw new Error("EACCES");
      },
    ],
    [
      "a policy that traps the engine",
      () => at(2, { all: `permit (principal, action, resource) when { ${"(".repeat(1000)}true${")".repeat(1000)} };` }),
    ],
  ])("[POL-D06] keeps the old set and raises an alarm: %s", (_, read) => {
    const { store, events } = open();
    expect(store.replace(at(1, { all: permitAll }))).toBe(true);
    const digest = store.bundle?.digest;
    expect(store.replace(read)).toBe(false);
    expect(events).toMatchObject([
      { kind: "loaded", digest, revision: 1 },
      { kind: "refused", inForce: digest },
    ]);
    expect(store.authorize(callOf())).toMatchObject({ allowed: true, bundleDigest: digest });
  });

  it("[POL-D09] the first decision after a swap is by the new set", () => {
    const { store } = open();
    store.replace(at(1, { all: permitAll }));
    expect(store.authorize(callOf()).allowed).toBe(true);
    store.replace(at(2, { none: "forbid (principal, action, resource);" }));
    expect(store.authorize(callOf())).toMatchObject({
      allowed: false,
      policyIds: ["none"],
      bundleDigest: store.bundle?.digest,
    });
  });

  it("[POL-D07] does not go back to an older bundle, however well it is signed", () => {
    const { store, events } = open({ trustedKey: publicKey });
    const [old, current] = [
      signed(at(1, { all: permitAll })),
      signed(at(2, { none: "forbid (principal, action, resource);" })),
    ];
    expect([store.replace(current), store.replace(old), store.replace(current)]).toEqual([true, false, true]);
    expect(events[1]).toMatchObject({ kind: "refused", error: { code: "BUNDLE_OLDER" } });
    expect(store.authorize(callOf()).allowed).toBe(false);
    const restarted = open({ trustedKey: publicKey, minRevision: 2 });
    expect([restarted.store.replace(old), restarted.store.replace(current)]).toEqual([false, true]);
    expect(restarted.events[0]).toMatchObject({ kind: "refused", error: { code: "BUNDLE_OLDER" }, inForce: undefined });
  });
});
