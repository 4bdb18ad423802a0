// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mayfly } from "../mayfly.ts";

const directory = mkdtempSync(join(tmpdir(), "mayfly-policies-"));
const bundle = join(directory, "bundle");
beforeAll(async () => {
  expect((await mayfly(["policy", "init", bundle])).status).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const principal = {
  agent: "spiffe://example.org/agent/ops/refunds",
  task: "t-aaaaaaaaaaaaaaaa",
  owner: "dana",
  tier: "T2",
};
const refund = {
  principal,
  tool: { server: "orders", tool: "orders.refund", effect: "irreversible" },
  scope: "over-limit",
};

describe("mayfly policy", () => {
  it("init writes what check takes, and nothing over what is there", async () => {
    const { status, stdout } = await mayfly(["policy", "check", bundle, "--output", "json"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      revision: 1,
      policies: expect.arrayContaining(["call-in-scope"]) as string[],
    });
    expect((await mayfly(["policy", "init", bundle])).status).toBe(2);
  });

  it("POL-D03: check tells every problem of a policy, and exits with 2", async () => {
    const bad = file("bad.cedar", "permit (principal, action, resource) when { context.nosuch };\n");
    const { status, stdout, stderr } = await mayfly(["policy", "check", bad]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^error: POLICY_INVALID: /);
    expect(stderr).toMatch(/^ {2}bad: .*nosuch/m);
  });

  it("explain tells policy by policy what would have to change; exit 1 for a no", async () => {
    const request = file("request.json", JSON.stringify(refund));
    const { status, stdout } = await mayfly(["policy", "explain", "--bundle", bundle, "--request", request]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^denied, an approval would help: POLICY_FORBIDS irreversible-needs-approval$/m);
    expect(stdout).toMatch(/^ {2}unmet {2}when context has approval$/m);
    const approved = file("approved.json", JSON.stringify({ ...refund, approval: { approvers: 1 } }));
    const allowed = await mayfly(["policy", "explain", "--bundle", bundle, "--request", approved, "--output", "json"]);
    expect(allowed.status).toBe(0);
    expect(JSON.parse(allowed.stdout)).toMatchObject({ allowed: true, policy_ids: ["call-approved"] });
  });

  it("test runs documents, and tells which policies decided in none", async () => {
    const good = file(
      "good.yaml",
      JSON.stringify({ tests: [{ name: "over the limit", ...refund, expect: "requestable" }] }),
    );
    const bad = file("wrong.yaml", JSON.stringify({ tests: [{ name: "over the limit", ...refund, expect: "allow" }] }));
    const passed = await mayfly(["policy", "test", "--bundle", bundle, good]);
    expect(passed).toMatchObject({ status: 0, stderr: "" });
    expect(passed.stdout).toMatch(/^1 passed, 0 failed\ndecided in no test: call-approved, call-in-scope/m);
    const failed = await mayfly(["policy", "test", "--bundle", bundle, good, bad]);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toMatch(/^FAIL .*wrong\.yaml: over the limit: expected allow, got requestable/m);
    expect(failed.stderr).toBe("error: POLICY_TESTS_FAILED: 1 of 2 tests failed\n");
  });

  it("POL-D07: seal signs; another key, a changed file and an unknown file are refused", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const key = file("key.pem", privateKey.export({ format: "pem", type: "pkcs8" }));
    const pinned = file("pinned.pem", publicKey.export({ format: "pem", type: "spki" }));
    const { publicKey: other } = generateKeyPairSync("ed25519");
    const foreign = file("foreign.pem", other.export({ format: "pem", type: "spki" }));
    const check = async (trusted: string): Promise<string> => {
      const { status, stderr } = await mayfly(["policy", "check", bundle, "--trusted-key", trusted]);
      return status === 0 ? "valid" : (/^error: ([A-Z_]+)/.exec(stderr)?.[1] ?? stderr);
    };
    expect(await check(pinned)).toBe("SIGNATURE_MISSING");
    expect((await mayfly(["policy", "seal", bundle, "--revision", "2", "--key", key])).status).toBe(0);
    expect(await check(pinned)).toBe("valid");
    expect(await check(foreign)).toBe("SIGNATURE_INVALID");
    writeFileSync(join(bundle, "policies", "list-in-scope.cedar"), "permit (principal, action, resource);\n");
    expect(await check(pinned)).toBe("DIGEST_MISMATCH");
    writeFileSync(join(bundle, "notes.txt"), "");
    expect(await check(pinned)).toBe("BUNDLE_MALFORMED");
  });
});
