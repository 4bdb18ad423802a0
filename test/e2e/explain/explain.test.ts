// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { RpcChannel } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attestFakeAgent } from "../../bench/fake-agent.ts";
import { MayflyAgent, MayflyServer } from "../../processes.ts";

interface Finding {
  readonly code: string;
  readonly hint: string;
  readonly spiffe_id: string;
}

interface Explanation {
  readonly matches: readonly { spiffe_id: string }[];
  readonly findings: readonly Finding[];
}

const td = "spiffe://example.org";
let server: MayflyServer;
let agent: MayflyAgent;
let process4711: ReturnType<typeof spawn>;

/** A process of uid 4711, gid 4712, in supplementary group 4713. */
async function startProcess(): Promise<ReturnType<typeof spawn>> {
  const ids = ["--reuid", "4711", "--regid", "4712", "--groups", "4713"];
  const child = spawn("setpriv", [...ids, "sh", "-c", "echo ready; exec sleep 600"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

function explain(...args: string[]): Explanation {
  const { stdout, stderr } = server.tryMayfly(["explain", ...args, "--socket", agent.socket, "--output", "json"]);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Explanation;
}

const explainProcess = (): Explanation => explain("--pid", String(process4711.pid));

interface NewEntry {
  readonly path: string;
  readonly parent?: string;
  readonly selectors: readonly string[];
  readonly more?: readonly string[];
}

/** Registers entries, runs `check`, deletes them again. */
async function withEntries(entries: readonly NewEntry[], check: () => void | Promise<void>): Promise<void> {
  const ids = entries.map(({ path, parent = agent.id, selectors, more = [] }) => {
    const options = selectors.flatMap((selector) => ["--selector", selector]);
    const named = path.startsWith("spiffe://") ? path : `${td}${path}`;
    const where = parent === "node" ? ["--node"] : ["--parent-id", parent];
    const made = server.mayfly(
      "entry",
      "create",
      "--spiffe-id",
      named,
      ...where,
      ...options,
      ...more,
      "--output",
      "json",
    );
    return /"entry_id":"([^"]+)"/.exec(made)?.[1] ?? /"id":"([^"]+)"/.exec(made)?.[1] ?? "";
  });
  try {
    await check();
  } finally {
    for (const id of ids) server.tryMayfly(["entry", "delete", id]);
  }
}

/** The first finding has this code, speaks of this identity, and its hint holds this text. */
function expectFinding({ findings, matches }: Explanation, code: string, hint: string | RegExp, path?: string): void {
  expect(matches).toEqual([]);
  expect(findings[0]?.code, JSON.stringify(findings)).toBe(code);
  expect(findings[0]?.hint).toMatch(hint);
  if (path !== undefined) expect(findings[0]?.spiffe_id).toBe(`${td}${path}`);
}

beforeAll(async () => {
  server = await MayflyServer.start({ agent_svid_ttl: "1h" });
  agent = await MayflyAgent.start(server);
  process4711 = await startProcess();
});

afterAll(async () => {
  process4711?.kill("SIGKILL");
  await agent?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** Faults in the selectors of the one entry that there is: what the entry asks for, what must be said. */
const selectorFaults: readonly (readonly [what: string, selectors: readonly string[], code: string, hint: RegExp])[] = [
  ["a wrong uid", ["unix:uid:4799"], "WRONG_UID", /4799|uid/],
  ["a wrong user name", ["unix:user:nobody"], "WRONG_USER", /nobody/],
  ["a wrong gid", ["unix:gid:4799"], "WRONG_GROUP", /4799|gid/],
  ["a wrong group name", ["unix:group:nogroup"], "WRONG_GROUP", /nogroup/],
  ["a missing supplementary group", ["unix:uid:4711", "unix:supplementary_gid:4799"], "MISSING_GROUP", /4799/],
  ["a missing named supplementary group", ["unix:supplementary_group:games"], "MISSING_GROUP", /games/],
  ["another program at another path", ["unix:path:/usr/bin/nginx"], "WRONG_PATH", /nginx/],
  ["another build of the program", [`unix:sha256:${"ab".repeat(32)}`], "WRONG_BINARY", /sha256/],
  ["a selector of an attestor that is not there", ["k8s:ns:default"], "SELECTOR_NOT_ATTESTED", /k8s/],
  ["a misspelt selector", ["unix:uidd:4711"], "SELECTOR_NOT_ATTESTED", /uid/],
];

describe("mayfly explain names an injected fault and the smallest change that would help", () => {
  it("positive control: a process that has its identity", async () => {
    await withEntries([{ path: "/good", selectors: ["unix:uid:4711"], more: ["--wait"] }], () => {
      expect(explainProcess().matches.map(({ spiffe_id }) => spiffe_id)).toEqual([`${td}/good`]);
    });
  });

  it.each(selectorFaults)("%s", async (_what, selectors, code, hint) => {
    await withEntries([{ path: "/fault", selectors, more: ["--wait"] }], () => {
      expectFinding(explainProcess(), code, hint, "/fault");
    });
  });

  it("two selectors missing: both are named", async () => {
    await withEntries([{ path: "/two", selectors: ["unix:uid:1", "unix:gid:2"], more: ["--wait"] }], () => {
      const codes = explainProcess().findings.map(({ code }) => code);
      expect(codes).toEqual(expect.arrayContaining(["WRONG_UID", "WRONG_GROUP"]));
    });
  });

  it("no entry at all", () => {
    expectFinding(explainProcess(), "NO_ENTRY", /entry create/);
  });

  it("an entry under another node", async () => {
    using admin = RpcChannel.open({ address: `unix://${server.adminSocket}` });
    using other = await attestFakeAgent({ admin, address: server.address });
    await withEntries([{ path: "/elsewhere", parent: other.id, selectors: ["unix:uid:4711"] }], () => {
      expectFinding(explainProcess(), "WRONG_PARENT", agent.id, "/elsewhere");
    });
  });

  it("a parent that nobody is", async () => {
    await withEntries([{ path: "/orphan", parent: `${td}/nobody`, selectors: ["unix:uid:4711"] }], () => {
      expectFinding(explainProcess(), "PARENT_UNKNOWN", /parent|entry/, "/orphan");
    });
  });

  it("a parent whose own entry ended", async () => {
    const middle = { path: "/middle", selectors: ["unix:uid:1"], more: ["--expires-at", "2026-01-02T03:04:05Z"] };
    await withEntries([middle, { path: "/child", parent: `${td}/middle`, selectors: ["unix:uid:4711"] }], () => {
      expectFinding(explainProcess(), "PARENT_EXPIRED", /entry update/, "/child");
    });
  });

  it("parents that go round in a circle", async () => {
    const one = { path: "/one", parent: `${td}/two`, selectors: ["unix:uid:4711"] };
    await withEntries([one, { path: "/two", parent: `${td}/one`, selectors: ["unix:uid:1"] }], () => {
      expectFinding(explainProcess(), "PARENT_CYCLE", /parent/, "/one");
    });
  });

  it("an entry that ended", async () => {
    const more = ["--expires-at", "2026-01-02T03:04:05Z"];
    await withEntries([{ path: "/over", selectors: ["unix:uid:4711"], more }], () => {
      expectFinding(explainProcess(), "ENTRY_EXPIRED", /--expires-in/, "/over");
    });
  });

  it("an entry for a group of nodes", async () => {
    await withEntries([{ path: "/group", parent: "node", selectors: ["unix:uid:4711"] }], () => {
      expectFinding(explain("--spiffe-id", `${td}/group`), "NODE_ALIAS", /parent-id/, "/group");
    });
  });

  it("an entry under a group that the node is no member of", async () => {
    const group = { path: "/rack", parent: "node", selectors: ["x509pop:subject:cn:node-1"] };
    await withEntries([group, { path: "/in-rack", parent: `${td}/rack`, selectors: ["unix:uid:4711"] }], () => {
      expectFinding(explainProcess(), "ALIAS_MISSING_SELECTOR", /x509pop:subject:cn:node-1/, "/in-rack");
    });
  });

  it("an entry for secret stores", async () => {
    await withEntries([{ path: "/stored", selectors: ["unix:uid:4711"], more: ["--store-svid", "--wait"] }], () => {
      expectFinding(explainProcess(), "STORE_SVID", /store-svid/, "/stored");
    });
  });

  it("an entry that loses its hint to an older one", async () => {
    // Creation times are whole seconds: of two in one second, the smaller id wins.
    const first = { path: "/older", selectors: ["unix:uid:4711"], more: ["--hint", "main", "--entry-id", "hint-1"] };
    const second = {
      path: "/younger",
      selectors: ["unix:gid:4712"],
      more: ["--hint", "main", "--entry-id", "hint-2", "--wait"],
    };
    await withEntries([first, second], () => {
      const selectors = ["--selector", "unix:uid:4711", "--selector", "unix:gid:4712"];
      const asked = explain("--spiffe-id", `${td}/younger`, "--node", agent.id, ...selectors);
      expect(asked.findings.map(({ code }) => code)).toContain("HINT_TAKEN");
    });
  });

  it("an ID that differs by case only", async () => {
    await withEntries([{ path: "/Payments", selectors: ["unix:uid:4711"], more: ["--wait"] }], () => {
      expectFinding(explain("--spiffe-id", `${td}/payments`, "--node", agent.id), "SPIFFE_ID_CASE", /\/Payments/);
    });
  });

  it("an ID of another trust domain", () => {
    expectFinding(explain("--spiffe-id", "spiffe://other.test/x"), "FOREIGN_TRUST_DOMAIN", /./);
  });

  it("a node that nobody attested", () => {
    const node = `${td}/spire/agent/join_token/nobody`;
    expectFinding(explain("--selector", "unix:uid:4711", "--node", node), "NODE_UNKNOWN", /token create|attest/);
  });

  it("a node that was banned", async () => {
    using admin = RpcChannel.open({ address: `unix://${server.adminSocket}` });
    using banned = await attestFakeAgent({ admin, address: server.address });
    server.mayfly("node", "ban", banned.id);
    expectFinding(explain("--selector", "unix:uid:4711", "--node", banned.id), "NODE_BANNED", /node evict/);
  });

  it("a node whose SVID ended", async () => {
    await using short = await MayflyServer.start({ agent_svid_ttl: "2s" });
    using admin = RpcChannel.open({ address: `unix://${short.adminSocket}` });
    using node = await attestFakeAgent({ admin, address: short.address });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const { stdout } = short.tryMayfly(["explain", "--selector", "unix:uid:1", "--node", node.id, "--output", "json"]);
    expectFinding(JSON.parse(stdout) as Explanation, "NODE_EXPIRED", /./);
  });

  it("an agent that does not answer: not synced, then not connected", async () => {
    await using other = await MayflyAgent.start(server);
    const ask = (): Explanation => explain("--selector", "unix:uid:4711", "--node", other.id);
    process.kill(other.pid, "SIGSTOP");
    await withEntries([{ path: "/late", parent: other.id, selectors: ["unix:uid:4711"] }], async () => {
      expect(ask().findings.map(({ code }) => code)).toContain("AGENT_NOT_SYNCED");
      process.kill(other.pid, "SIGCONT");
      await other.crash();
      expect(ask().findings.map(({ code }) => code)).toContain("AGENT_NOT_CONNECTED");
    });
  });

  it("a process that is gone", async () => {
    const gone = await startProcess();
    const ended = once(gone, "exit");
    gone.kill("SIGKILL");
    await ended;
    const { status, stderr } = server.tryMayfly(["explain", "--pid", String(gone.pid), "--socket", agent.socket]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: [A-Z_]+: .*process/m);
  });
});
