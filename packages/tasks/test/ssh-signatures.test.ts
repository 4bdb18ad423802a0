// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson } from "@mayfly/journal";
import { expectCode } from "@mayfly/testkit";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  ApprovalError,
  approvalNamespace,
  approvalPayload,
  decideApproval,
  formatOperatorKey,
  parseOperator,
  parseOperatorKey,
  verifyApprovalSignature,
} from "../src/index.ts";
import { approval, now, person, task } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "mayfly-ssh-"));
const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ""): string =>
  execFileSync(command, args, { cwd: folder, encoding: "utf8", env: { ...process.env, ...env }, input, stdio: "pipe" });

function newKey(name: string, ...type: readonly string[]): string {
  run("ssh-keygen", [
    "-q",
    ...(type.length > 0 ? type : ["-t", "ed25519"]),
    "-N",
    "",
    "-C",
    `${name} of a test`,
    "-f",
    name,
  ]);
  return readFileSync(join(folder, `${name}.pub`), "utf8").trim();
}

/** What `ssh-keygen -Y sign` makes of octets. */
function signed(
  message: Uint8Array,
  key: string,
  options: { namespace?: string; args?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): string {
  writeFileSync(join(folder, "message"), message);
  rmSync(join(folder, "message.sig"), { force: true });
  const { namespace = approvalNamespace, args = [], env } = options;
  run("ssh-keygen", ["-q", "-Y", "sign", ...args, "-n", namespace, "-f", key, "message"], env);
  return readFileSync(join(folder, "message.sig"), "utf8");
}

const lee = newKey("lee");
const mia = newKey("mia");
const own = task();
const asked = approval(own);
const payload = approvalPayload(asked.request, "approve");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("a signature by ssh-keygen", () => {
  it("approves: the whole way from a .pub line to an approved request", () => {
    const roles = [{ role: "approver", prefix: "/ir-bot" }];
    const operators = [parseOperator({ name: "lee", keys: [lee], roles }), person("dana").operator];
    const vote = { operator: "lee", decision: "approve", signature: signed(payload, "lee"), at: now } as const;
    expect(decideApproval(asked, vote, { operators, lineage: [own] }).state).toBe("approved");
  });

  it.each(["sha256", "sha512"])("is verified with the hash %s", (hash) => {
    const signature = signed(payload, "lee", { args: ["-O", `hashalg=${hash}`] });
    expect(formatOperatorKey(verifyApprovalSignature(payload, signature, [mia, lee]))).toBe(
      lee.split(" ").slice(0, 2).join(" "),
    );
    expect(verifyApprovalSignature(payload, signature.replaceAll("\n", "\r\n"), [lee])).toBeDefined();
  });

  it("may come from ssh-agent, with nothing but the public key on the disk", () => {
    const started = run("ssh-agent", ["-s", "-a", join(folder, "agent.sock")]);
    const pid = /SSH_AGENT_PID=(\d+)/.exec(started)?.[1] ?? "";
    try {
      const env = { SSH_AUTH_SOCK: join(folder, "agent.sock") };
      const held = newKey("held");
      run("ssh-add", ["-q", "held"], env);
      rmSync(join(folder, "held"));
      const signature = signed(payload, "held.pub", { env });
      expect(verifyApprovalSignature(payload, signature, [held]).fingerprint).toBe(
        run("ssh-keygen", ["-l", "-f", "held.pub"]).split(" ")[1],
      );
    } finally {
      process.kill(Number(pid));
    }
  });

  it.each([
    ["over other octets", () => signed(Buffer.concat([payload, Buffer.from("\n")]), "lee"), "BAD_SIGNATURE"],
    ["over a denial", () => signed(approvalPayload(asked.request, "deny"), "lee"), "BAD_SIGNATURE"],
    ["made for files", () => signed(payload, "lee", { namespace: "file" }), "WRONG_NAMESPACE"],
    ["made for git", () => signed(payload, "lee", { namespace: "git" }), "WRONG_NAMESPACE"],
    ["by a key that is not registered", () => signed(payload, "mia"), "KEY_NOT_REGISTERED"],
    ["by an ECDSA key", () => (newKey("ecdsa", "-t", "ecdsa"), signed(payload, "ecdsa")), "SIGNATURE_UNSUPPORTED"],
    [
      "by an RSA key",
      () => (newKey("rsa", "-t", "rsa", "-b", "2048"), signed(payload, "rsa")),
      "SIGNATURE_UNSUPPORTED",
    ],
  ])("%s is refused", async (_, make, code) => {
    const signature = make();
    await expectCode(() => verifyApprovalSignature(payload, signature, [lee]), code);
  });

  it("is refused with any one bit of it changed, and cut off anywhere", () => {
    const signature = signed(payload, "lee");
    const body = Buffer.from(signature.split("\n").slice(1, -2).join(""), "base64");
    const armored = (bytes: Buffer): string =>
      `-----BEGIN SSH SIGNATURE-----\n${bytes.toString("base64")}\n-----END SSH SIGNATURE-----\n`;
    expect(verifyApprovalSignature(payload, armored(body), [lee])).toBeDefined();
    for (let bit = 0; bit < body.length * 8; bit++) {
      const changed = Buffer.from(body);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => verifyApprovalSignature(payload, armored(changed), [lee])).toThrow(ApprovalError);
    }
    for (let length = 0; length < body.length; length++) {
      expect(() => verifyApprovalSignature(payload, armored(body.subarray(0, length)), [lee])).toThrow(ApprovalError);
    }
    expect(() => verifyApprovalSignature(payload, armored(Buffer.concat([body, Buffer.alloc(1)])), [lee])).toThrow(
      ApprovalError,
    );
  });
});

describe("what is signed", () => {
  it("is one line that names it and the canonical JSON that the journal writes too", () => {
    const [first, json = "", ...rest] = Buffer.from(payload).toString().split("\n");
    expect([first, rest]).toEqual(["mayfly-approval/v1", []]);
    expect(json).toBe(canonicalJson({ ...(JSON.parse(json) as object) }));
    const { requestedAt, notAfter, ...texts } = asked.request;
    expect(JSON.parse(json)).toEqual({
      ...texts,
      requestedAt: requestedAt.toISOString(),
      notAfter: notAfter.toISOString(),
      decision: "approve",
    });
  });

  it("differs when anything in the request does, and is refused where it can't be written", async () => {
    const changed = Object.keys(asked.request).map((name) => {
      const value = Reflect.get(asked.request, name) as unknown;
      const other =
        value instanceof Date
          ? new Date(value.getTime() + 1)
          : typeof value === "number"
            ? value + 1
            : `${String(value)}x`;
      return Buffer.from(approvalPayload({ ...asked.request, [name]: other }, "approve")).toString();
    });
    expect(new Set([Buffer.from(payload).toString(), ...changed]).size).toBe(changed.length + 1);
    for (const fields of [
      { tool: "\ud800" },
      { notAfter: new Date(Number.NaN) },
      { approvers: 0 },
      { nonce: "x".repeat(20_000) },
    ]) {
      await expectCode(() => approvalPayload({ ...asked.request, ...fields }, "approve"), "REQUEST_INVALID");
    }
  });

  it("round-trips texts of any kind in one record", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (requester) => {
        const text = Buffer.from(approvalPayload({ ...asked.request, requester }, "deny")).toString("utf8");
        const lines = text.split("\n");
        expect(lines).toHaveLength(2);
        expect(JSON.parse(lines[1] ?? "")).toMatchObject({ requester, decision: "deny" });
        expect(lines[1]).toBe(canonicalJson(JSON.parse(lines[1] ?? "")));
      }),
    );
  });
});

describe("a raw signature and a key", () => {
  it("are taken in their one form only", async () => {
    const kim = person("kim");
    const { signature } = kim.vote(asked.request);
    const keys = [lee, ...kim.operator.keys];
    expect(verifyApprovalSignature(payload, signature, keys)).toBeDefined();
    for (const text of [
      "",
      ` ${signature}`,
      `${signature}\n`,
      signature.replace(/=+$/, ""),
      signature.replace("==", "=="),
      "A".repeat(86) + "==",
    ]) {
      if (text === signature) continue;
      const code = text.startsWith("AAAA") ? "BAD_SIGNATURE" : "SIGNATURE_MALFORMED";
      await expectCode(() => verifyApprovalSignature(payload, text, keys), code);
    }
    await expectCode(() => verifyApprovalSignature(payload, signature, [lee]), "BAD_SIGNATURE");
    await expectCode(() => verifyApprovalSignature(payload, signature, []), "BAD_SIGNATURE");
  });

  it.each([
    "",
    "ssh-ed25519",
    "ssh-ed25519 AAAA",
    lee.replace("ssh-ed25519 ", "ssh-ed25519  "),
    `${lee}\n`,
    `command="x" ${lee}`,
    lee.replace("AAAAC3", "AAAAD3"),
    lee.replace("ssh-ed25519 ", "ssh-rsa "),
  ])("a key written as %j is refused", (text) => {
    expect(() => parseOperatorKey(text)).toThrow(ApprovalError);
  });

  // The encodings of the eight points whose order divides 8, with those that are not reduced.
  it.each([
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0200000000000000000000000000000000000000000000000000000000000000",
  ])("a key under which anything verifies, or none, is refused: %s", async (hex) => {
    const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
    const blob = Buffer.concat([part(Buffer.from("ssh-ed25519")), part(Buffer.from(hex, "hex"))]);
    await expectCode(() => parseOperatorKey(`ssh-ed25519 ${blob.toString("base64")}`), "KEY_INVALID");
  });

  it("are refused with nothing but an ApprovalError, whatever the text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.base64String().map((body) => `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----`),
      fc.uint8Array({ maxLength: 200 }).map((rest) => {
        const body = Buffer.concat([Buffer.from("SSHSIG\0\0\0\x01", "latin1"), rest]).toString("base64");
        return `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----`;
      }),
    );
    fc.assert(
      fc.property(text, (each) => {
        expect(() => verifyApprovalSignature(payload, each, [lee])).toThrow(ApprovalError);
        expect(() => parseOperatorKey(each)).toThrow(ApprovalError);
      }),
    );
  });
});
