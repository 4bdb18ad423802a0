// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentError } from "../src/errors.ts";
import { readPrivate, writeAtomically } from "../src/state/atomic-file.ts";
import { openDataDirectory } from "../src/state/data-directory.ts";
import { loadEntries } from "../src/state/entries-file.ts";
import { loadIdentity } from "../src/state/identity-file.ts";
import { listenOn } from "../src/workload-api/socket-file.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mayfly-state-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("the agent's files", () => {
  it("FSP-D01: are 0600 under any umask and never half-written", async () => {
    const path = join(directory, "file");
    const before = process.umask(0);
    try {
      for (let round = 0; round < 20; round++) await writeAtomically(path, `${round}`.repeat(10_000));
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe("19".repeat(10_000));
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  it("leave nothing behind when they can't be written", async () => {
    await expect(writeAtomically(join(directory, "no", "file"), "x")).rejects.toMatchObject({ code: "ENOENT" });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("FSP-D03: are refused when others may read them", async () => {
    const path = join(directory, "file");
    writeFileSync(path, "{}", { mode: 0o600 });
    expect(await readPrivate(path)).toBe("{}");
    chmodSync(path, 0o640);
    await expect(readPrivate(path)).rejects.toMatchObject({ code: "STATE_UNSAFE" });
    expect(await readPrivate(join(directory, "none"))).toBeUndefined();
  });

  it("are told damaged without quoting them; a damaged cache is only a loss of time", async () => {
    const path = join(directory, "file");
    writeFileSync(path, '{"version":1,"svid":{"key":"c2VjcmV0', { mode: 0o600 });
    const failure = await loadIdentity(path).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(failure instanceof AgentError)) throw new Error("accepted");
    expect(failure.code).toBe("STATE_UNREADABLE");
    expect(`${failure.message} ${JSON.stringify(failure.cause)}`).not.toContain("c2Vj");
    expect(await loadEntries(path, "spiffe://example.org/spire/agent/x")).toBeUndefined();
  });

  it("CFG-D07: belong to one agent at a time; a dead one's lock is no obstacle", async () => {
    {
      await using first = await openDataDirectory(directory);
      expect(first.identityFile.startsWith(directory)).toBe(true);
      await expect(openDataDirectory(directory)).rejects.toMatchObject({ code: "DATA_DIR_IN_USE" });
    }
    writeFileSync(join(directory, "x.tmp"), "left by a crash");
    await using second = await openDataDirectory(directory);
    expect(second.entriesFile.startsWith(directory)).toBe(true);
    expect(readdirSync(directory)).not.toContain("x.tmp");
  });

  it("may lie deeper than a socket's address is long", async () => {
    const deep = join(directory, "d".repeat(120), "e".repeat(120));
    await using first = await openDataDirectory(deep);
    expect(first.identityFile.startsWith(deep)).toBe(true);
    await expect(openDataDirectory(deep)).rejects.toMatchObject({ code: "DATA_DIR_IN_USE" });
  });
});

describe("the socket's place", () => {
  it("FSP-D04: is refused when a file, a link or a listener is there, and taken from a dead agent", async () => {
    const path = join(directory, "run", "s");
    const server = createServer();
    await listenOn(server, path);
    expect(statSync(path).mode & 0o777).toBe(0o777);
    await expect(listenOn(createServer(), path)).rejects.toMatchObject({ code: "SOCKET_PATH_UNSAFE" });
    server.close();
    await once(server, "close");
    writeFileSync(path, "");
    await expect(listenOn(createServer(), path)).rejects.toMatchObject({ code: "SOCKET_PATH_UNSAFE" });
    rmSync(path);
    symlinkSync("/dev/null", path);
    await expect(listenOn(createServer(), path)).rejects.toMatchObject({ code: "SOCKET_PATH_UNSAFE" });
  });

  it("FSP-D05: is refused in a directory where everybody may put a socket", async () => {
    chmodSync(directory, 0o777);
    await expect(listenOn(createServer(), join(directory, "s"))).rejects.toMatchObject({ code: "SOCKET_PATH_UNSAFE" });
  });
});
