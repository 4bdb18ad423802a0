// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AttestationError, createUnixAttestor, openPeerProcess, type PeerProcess } from "../src/index.ts";

const perl = "/usr/bin/perl";
const isRoot = process.getuid?.() === 0;

/** Connects, says "ready", and goes on as told. `$^F` keeps the socket over exec. */
const connecting = `
  use IO::Socket::UNIX; $^F = 1000; $| = 1;
  my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no socket: $!";
`;

let directory: string;
let server: Server;
let children: ChildProcess[];
let peers: PeerProcess[];
let accepted: (outcome: { peer?: PeerProcess; error?: unknown; socket: Socket }) => void;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "mayfly-peer-"));
  children = [];
  peers = [];
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    try {
      const peer = openPeerProcess(descriptorOf(socket));
      peers.push(peer);
      accepted({ peer, socket });
    } catch (error) {
      accepted({ error, socket });
    }
  });
  server.listen(join(directory, "s"));
  await once(server, "listening");
});

afterEach(() => {
  // With its children: each program leads a group of its own.
  for (const { pid } of children) if (pid !== undefined) killGroup(pid);
  for (const peer of peers) peer[Symbol.dispose]();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function descriptorOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

function run(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"], detached: true });
  children.push(child);
  return child;
}

/** Starts a program that connects; gives the pinned peer. */
async function connect(
  script: string,
  executable = perl,
): Promise<{ child: ChildProcess; peer: PeerProcess; socket: Socket }> {
  const outcome = new Promise<{ peer?: PeerProcess; error?: unknown; socket: Socket }>((resolve) => {
    accepted = resolve;
  });
  const child = run(executable, "-e", connecting + script, join(directory, "s"));
  const { peer, error, socket } = await outcome;
  if (peer === undefined) throw error;
  return { child, peer, socket };
}

/** Tells the program to go on, and waits for its word that it did. */
async function goOn(child: ChildProcess): Promise<void> {
  child.stdin?.write("go\n");
  if (child.stdout !== null) await once(child.stdout, "data");
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it did not come to that");
}

/** Of this process, and so of its children. */
function supplementaryGids(): string[] {
  const [, line = ""] = /^Groups:\t(.*)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return line.split(" ").filter(Boolean);
}

const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

describe("the process at the other end of a socket", () => {
  it("is told with user, groups, path and hash as the kernel knows them", async () => {
    const { peer, child } = await connect("<STDIN>;");
    const facts = await peer.inspect();
    expect(facts).toMatchObject({ pid: child.pid, uid: process.getuid?.(), gid: process.getgid?.(), path: perl });
    expect(await facts?.sha256()).toBe(createHash("sha256").update(readFileSync(perl)).digest("hex"));
    const selectors = await createUnixAttestor().attest(facts ?? expect.fail());
    const values = selectors.map(({ type, value }) => `${type}:${value}`);
    expect(values).toContain(`unix:uid:${process.getuid?.()}`);
    expect(values).toContain(`unix:gid:${process.getgid?.()}`);
    expect(values).toContain(`unix:path:${perl}`);
    for (const gid of supplementaryGids()) expect(values).toContain(`unix:supplementary_gid:${gid}`);
    if (isRoot) expect(values).toEqual(expect.arrayContaining(["unix:user:root", "unix:group:root"]));
  });

  it("leaves out the hash where nobody asks for it", async () => {
    const { peer } = await connect("<STDIN>;");
    const facts = (await peer.inspect()) ?? expect.fail();
    const kinds = async (wanted: ReadonlySet<string>): Promise<boolean> =>
      (await createUnixAttestor().attest(facts, wanted)).some(({ value }) => value.startsWith("sha256:"));
    expect(await kinds(new Set(["unix:uid"]))).toBe(false);
    expect(await kinds(new Set(["unix:sha256"]))).toBe(true);
  });

  it("WAP-D02: is nobody any more when it exited, though a child keeps the socket", async () => {
    const { peer, child, socket } = await connect("if (!fork) { sleep 30; exit } <STDIN>;");
    expect(await peer.inspect()).toBeDefined();
    child.stdin?.end("go\n");
    await once(child, "exit");
    expect(socket.destroyed).toBe(false);
    expect(await peer.inspect()).toBeUndefined();
  });

  it("WAP-D03: is refused when it was gone before it was looked at", async () => {
    // The child that keeps the socket lets the connection wait in the queue until its maker is gone.
    const quiet = createServer();
    quiet.listen(join(directory, "q"));
    await once(quiet, "listening");
    const outcome = new Promise<unknown>((resolve) => {
      quiet.on("connection", (socket) => {
        // A listener that is late: the process is reaped by now.
        setTimeout(() => {
          try {
            peers.push(openPeerProcess(descriptorOf(socket)));
            resolve("pinned");
          } catch (error) {
            resolve(error);
          }
          socket.destroy();
        }, 300);
      });
    });
    run(perl, "-e", `${connecting} if (!fork) { sleep 2; exit }`, join(directory, "q"));
    const error = await outcome;
    quiet.close();
    expect(error).toBeInstanceOf(AttestationError);
    expect(error).toMatchObject({ code: "PEER_GONE" });
  });

  it("WAP-D04: is refused when it runs another program, though its child kept the socket", async () => {
    const { peer } = await connect('if (!fork) { sleep 30; exit } <STDIN>; exec "/bin/sleep", "30";').then(
      ({ peer: pinned, child }) => {
        child.stdin?.write("go\n");
        return { peer: pinned };
      },
    );
    await until(async () => readFileSync(`/proc/${peer.pid}/comm`, "utf8") === "sleep\n");
    expect(await peer.inspect()).toBeUndefined();
  });

  it("WAP-D04: is refused when the same program was started again by exec in the same process", async () => {
    const { peer, child } = await connect(`<STDIN>; exec "${perl}", "-e", '$| = 1; print "again\\n"; sleep 30';`);
    expect(await peer.inspect()).toBeDefined();
    await goOn(child);
    expect(await peer.inspect()).toBeUndefined();
  });

  it.runIf(isRoot)("is refused when it changed its user or its group", async () => {
    for (const change of ["$> = 65534", "$) = 65534"]) {
      const { peer, child } = await connect(`<STDIN>; ${change}; print "changed\\n"; <STDIN>;`);
      expect(await peer.inspect()).toBeDefined();
      await goOn(child);
      expect(await peer.inspect()).toBeUndefined();
    }
  });

  it("can be held beyond its connection: through exec, until it ends, and no descriptor stays", async () => {
    const before = openDescriptors();
    const { peer, child, socket } = await connect('<STDIN>; exec "/bin/sleep", "30";');
    const hold = peer.hold() ?? expect.fail();
    expect(hold).toMatchObject({ pid: child.pid, startTime: (await peer.inspect())?.startTime });
    peer[Symbol.dispose]();
    socket.destroy();
    expect(peer.hold()).toBeUndefined();
    expect(hold.isAlive()).toBe(true);
    child.stdin?.write("go\n");
    await until(async () => readFileSync(`/proc/${hold.pid}/comm`, "utf8") === "sleep\n");
    expect(hold.isAlive()).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(hold.isAlive()).toBe(false);
    hold[Symbol.dispose]();
    hold[Symbol.dispose]();
    expect(hold.isAlive()).toBe(false);
    await until(async () => openDescriptors() <= before);
  });

  it("WAP-D05: is refused as a zombie", async () => {
    const outcome = new Promise<PeerProcess>((resolve, reject) => {
      accepted = ({ peer, error }) => (peer === undefined ? reject(error) : resolve(peer));
    });
    // The parent never waits for its child.
    const script = `if (!fork) { ${connecting} if (!fork) { sleep 30; exit } sleep 1; exit } sleep 30;`;
    run(perl, "-e", script, join(directory, "s"));
    const peer = await outcome;
    expect(await peer.inspect()).toBeDefined();
    await until(async () => /^State:\tZ/m.test(readFileSync(`/proc/${peer.pid}/status`, "utf8")));
    expect(await peer.inspect()).toBeUndefined();
  });

  it("WAP-D06: has the hash of what runs, and no path, when its file was replaced", async () => {
    const own = join(directory, "program");
    copyFileSync(perl, own);
    const { peer } = await connect("<STDIN>;", own);
    expect((await peer.inspect())?.path).toBe(own);
    copyFileSync("/bin/sleep", join(directory, "other"));
    renameSync(join(directory, "other"), own);
    const facts = (await peer.inspect()) ?? expect.fail();
    expect(facts.path).toBeUndefined();
    expect(await facts.sha256()).toBe(createHash("sha256").update(readFileSync(perl)).digest("hex"));
    expect((await createUnixAttestor().attest(facts)).some(({ value }) => value.startsWith("path:"))).toBe(false);
  });

  it("WAP-D07, WAP-D08: gains nothing by a name of its own making in a mount namespace or a cgroup", async () => {
    const trusted = "/bin/cat";
    const own = join(directory, "program");
    copyFileSync(perl, own);
    const outcome = new Promise<PeerProcess>((resolve, reject) => {
      accepted = ({ peer, error }) => (peer === undefined ? reject(error) : resolve(peer));
    });
    const script = `${connecting} <STDIN>;`;
    const inside = `mount --bind "$0" ${trusted} && exec ${trusted} -e "$1" "$2"`;
    const namespaces = isRoot ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
    run("/usr/bin/unshare", ...namespaces, "/bin/sh", "-c", inside, own, script, join(directory, "s"));
    const facts = (await (await outcome).inspect()) ?? expect.fail();
    expect(facts.path).not.toBe(trusted);
    const selectors = await createUnixAttestor().attest(facts);
    expect(selectors.filter(({ value }) => value.startsWith("path:"))).toEqual([]);
    const kinds = /^(uid|user|gid|group|supplementary_gid|supplementary_group|sha256):/;
    expect(selectors.filter(({ value }) => !kinds.test(value))).toEqual([]);
  });

  it("WAP-D13: leaves no descriptor behind, whether it was pinned or not", async () => {
    accepted = ({ peer, socket }) => {
      socket.on("close", () => peer?.[Symbol.dispose]());
      socket.resume();
    };
    const flood = `for (1..2000) { IO::Socket::UNIX->new(Peer => $ARGV[0]) } print "done\\n"; <STDIN>;`;
    await connect("").catch(() => undefined);
    const before = openDescriptors();
    accepted = ({ peer, socket }) => {
      socket.on("close", () => peer?.[Symbol.dispose]());
      socket.resume();
    };
    const child = run(perl, "-e", connecting + flood, join(directory, "s"));
    if (child.stdout !== null) await once(child.stdout, "data");
    child.kill("SIGKILL");
    await until(async () => openDescriptors() <= before + 5);
  });

  it("is never told of a socket that is none", () => {
    expect(() => openPeerProcess(-1)).toThrow(AttestationError);
  });
});
