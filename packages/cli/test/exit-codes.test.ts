// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { mayfly } from "./mayfly.ts";

const directory = mkdtempSync(join(tmpdir(), "mayfly-exit-"));
chmodSync(directory, 0o700);
afterAll(() => rmSync(directory, { recursive: true }));
const nobody = join(directory, "none.sock");

describe("exit codes", () => {
  it("0: --help and --version, which names the standards' commit (STAB-02)", async () => {
    expect(await mayfly(["--help"])).toMatchObject({ status: 0, stderr: "" });
    expect((await mayfly(["--version"])).stdout).toMatch(/^mayfly \d+\.\d+\.\d+ \(spiffe\/spiffe@[0-9a-f]+\)\n$/);
  });

  it("2: wrong usage, every problem at once, in text", async () => {
    const { status, stdout, stderr } = await mayfly(["entry", "list", "--spiffe-id", "web", "--match", "most"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^error: USAGE: 2 problems\n {2}--spiffe-id: .+\n {2}--match: .+\nhint: .+--help.+\n$/);
  });

  it("2: wrong usage in JSON", async () => {
    const { status, stderr } = await mayfly(["entry", "list", "--bogus", "--output", "json"]);
    expect(status).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "USAGE",
        message: "unknown option '--bogus'",
        hint: "`mayfly entry list --help` shows the options",
      },
    });
  });

  it("2: an unknown command, a noun without a verb", async () => {
    expect(await mayfly(["entyr"])).toMatchObject({ status: 2, stderr: expect.stringContaining("entry") as string });
    expect(await mayfly(["entry"])).toMatchObject({ status: 2, stdout: "" });
  });

  it("2: a file that can't be read", async () => {
    const words = ["bundle", "set", "--trust-domain", "a.org", join(directory, "none"), "--server-socket", nobody];
    expect(await mayfly(words)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^error: FILE_UNREADABLE: /) as string,
    });
  });

  it("2: a file without an end", async () => {
    const words = ["workload", "validate", "jwt", "--audience", "a", "--token-file", "/dev/zero"];
    expect(await mayfly(words)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^error: FILE_TOO_LARGE: /) as string,
    });
  });

  it.each([["status"], ["entry", "list"], ["server", "healthcheck"]])(
    "3: nobody answers: mayfly %s %s",
    async (...words) => {
      const { status, stdout, stderr } = await mayfly([...words, "--server-socket", nobody]);
      expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
      expect(stderr).toBe(
        `error: SERVER_UNREACHABLE: nobody answers on ${nobody} (ENOENT)\nhint: is \`mayfly server run\` up? --server-socket or MAYFLY_SERVER_SOCKET names another socket\n`,
      );
    },
  );

  it.each([
    ["workload", "fetch", "x509"],
    ["agent", "healthcheck"],
  ])("3: no agent: mayfly %s %s", async (...words) => {
    const { status, stderr } = await mayfly([...words, "--output", "json"], {
      SPIFFE_ENDPOINT_SOCKET: `unix://${nobody}`,
    });
    expect(status).toBe(3);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "AGENT_UNREACHABLE" } });
  });

  it("3: no agent on the port", async () => {
    const words = ["workload", "fetch", "x509", "--output", "json"];
    const { status, stderr } = await mayfly(words, { SPIFFE_ENDPOINT_SOCKET: "tcp://127.0.0.1:1" });
    expect(status).toBe(3);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "AGENT_UNREACHABLE" } });
  });

  it("an option beats the environment", async () => {
    const { stderr } = await mayfly(["status", "--server-socket", nobody], { MAYFLY_SERVER_SOCKET: "/elsewhere.sock" });
    expect(stderr).toContain(nobody);
    const { stderr: other } = await mayfly(["status"], { MAYFLY_SERVER_SOCKET: "/elsewhere.sock" });
    expect(other).toContain("/elsewhere.sock");
  });
});
