// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mayfly, Running } from "./mayfly.ts";

type Event = Readonly<Record<string, unknown>> & { readonly event: string };

function eventsOf(stdout: string): Map<string, Event> {
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
  return new Map(events.map((event) => [event.event, event]));
}

/** A process that ended and was not waited for (its parent is gone) does not count. */
function isAlive(pid: unknown): boolean {
  try {
    return !readFileSync(`/proc/${String(pid)}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

describe("mayfly dev", () => {
  it("--once shows an identity, mTLS and a rotation, ends with 0 and leaves nothing behind", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "mayfly-dev-test-"));
    const started = performance.now();
    const { status, stdout, stderr } = await mayfly(["dev", "--once", "--output", "json"], { TMPDIR: temporary });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(performance.now() - started).toBeLessThan(15_000);
    const events = eventsOf(stdout);
    expect([...events.keys()]).toEqual(["started", "first_svid", "mtls", "rotation", "next", "done"]);
    const first = events.get("first_svid");
    expect(first).toMatchObject({ spiffe_id: "spiffe://dev.mayfly.test/web" });
    expect(events.get("mtls")).toMatchObject({
      peer: "spiffe://dev.mayfly.test/db",
      seen: {
        spiffe_id: "spiffe://dev.mayfly.test/web",
        serial_number: expect.stringMatching(/^[0-9a-f]+$/) as string,
      },
      protocol: "TLSv1.3",
    });
    const rotation = events.get("rotation");
    expect(rotation).toMatchObject({ old_serial_number: first?.["serial_number"] });
    expect(rotation?.["new_serial_number"]).not.toBe(rotation?.["old_serial_number"]);
    expect(rotation?.["seen_serial_number"]).not.toBe(rotation?.["old_serial_number"]);
    expect(readdirSync(temporary)).toEqual([]);
    expect([first?.["pid"], events.get("mtls")?.["server_pid"]].map(isAlive)).toEqual([false, false]);
    rmSync(temporary, { recursive: true });
  });

  it("stays until it is interrupted, its commands work against it, and then it ends with 0", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mayfly-dev-dir-"));
    await using dev = new Running(["dev", "--dir", directory, "--output", "json"]);
    await dev.says('"done"', 20_000);
    const events = eventsOf(dev.stdout);
    const env = events.get("next")?.["environment"] as Record<string, string>;
    expect((await mayfly(["status"], env)).stdout).toContain("dev.mayfly.test");
    const fetched = await mayfly(["workload", "fetch", "x509", "--output", "json"], env);
    expect(JSON.parse(fetched.stdout)).toMatchObject({ svids: [{ spiffe_id: "spiffe://dev.mayfly.test/mayfly" }] });
    const explained = await mayfly(["explain", "--pid", String(events.get("first_svid")?.["pid"])], env);
    expect(explained).toMatchObject({ status: 0, stdout: expect.stringContaining("/bin/web") as string });
    const ends: (number | null)[] = [];
    const said: string[] = [];
    for (const command of (events.get("next")?.["task_commands"] ?? []) as string[]) {
      const { status, stdout } = await mayfly(command.split(" ").slice(1), env);
      ends.push(status);
      said.push(stdout);
    }
    expect(ends).toEqual([0, 0, 0, 0, 0, 0]);
    expect(said[3]).toMatch(/^SPIFFE ID +spiffe:\/\/dev\.mayfly\.test\/agent\/demo\/task\/t-/m);
    expect(said[4]).toContain("1 task, quiet");
    expect(said[5]).toMatch(/kill intent .*why=tried/);
    dev.child.kill("SIGINT");
    expect(await dev.ended).toMatchObject({ status: 0, stderr: "" });
    expect(isAlive(events.get("first_svid")?.["pid"])).toBe(false);
    // A directory that was named stays, and may be used again.
    expect(existsSync(join(directory, ".mayfly-dev"))).toBe(true);
    rmSync(directory, { recursive: true });
  });

  it.each([
    ["SIGINT once, in the middle", "SIGINT", 1],
    ["SIGINT twice, at once", "SIGINT", 2],
    ["a terminal that is closed", "SIGHUP", 1],
  ] as const)("%s: ends with 130 and leaves nothing behind", async (_what, signal, times) => {
    const temporary = mkdtempSync(join(tmpdir(), "mayfly-dev-test-"));
    await using dev = new Running(["dev", "--once", "--output", "json"], { TMPDIR: temporary });
    await dev.says('"mtls"', 20_000);
    for (let time = 0; time < times; time += 1) dev.child.kill(signal);
    expect((await dev.ended).status).toBe(130);
    const pid = eventsOf(dev.stdout).get("first_svid")?.["pid"];
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
    rmSync(temporary, { recursive: true });
  });

  it("leaves nothing behind when its reader goes away", async () => {
    const temporary = mkdtempSync(join(tmpdir(), "mayfly-dev-test-"));
    await using dev = new Running(["dev"], { TMPDIR: temporary });
    await dev.says("Directory", 20_000);
    dev.child.stdout?.destroy();
    await dev.ended;
    expect(readdirSync(temporary)).toEqual([]);
    rmSync(temporary, { recursive: true });
  });

  it("says in text what it does, without colour in a pipe", async () => {
    const { status, stdout } = await mayfly(["dev", "--once"]);
    expect(status).toBe(0);
    for (const text of ["dev.mayfly.test", "unix://", "SPIFFE ID", "mTLS", "rotates", "explain --pid"])
      expect(stdout).toContain(text);
    expect(stdout).not.toContain("\u001b");
  });

  it("does not touch a directory with other people's files", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mayfly-dev-foreign-"));
    writeFileSync(join(directory, "thesis.txt"), "");
    const { status, stderr } = await mayfly(["dev", "--once", "--dir", directory]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: DIRECTORY_IN_USE: /);
    expect(readdirSync(directory)).toEqual(["thesis.txt"]);
    rmSync(directory, { recursive: true });
  });

  it("refuses a directory whose sockets would have too long names", async () => {
    const directory = join(tmpdir(), `mayfly-${"x".repeat(100)}`);
    const { status, stderr } = await mayfly(["dev", "--once", "--dir", directory]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: PATH_TOO_LONG: /);
    rmSync(directory, { recursive: true });
  });
});
