// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AgentState,
  type AttestedNode,
  EntryIndex,
  type ExplainQuestion,
  type Explanation,
  explain,
  type FindingCode,
  matchEntries,
  NodeIndex,
  type RegistrationEntry,
  type Selector,
  taskSelector,
} from "../src/index.ts";
import { naiveAuthorized } from "./naive.ts";
import { anyEntry, anyNode, anySelectors, entry, node, server, td } from "./worlds.ts";

const now = new Date("2026-11-24T12:00:00Z");
const past = Math.floor(now.getTime() / 1000) - 60;
const home = `${td}/spire/agent/a`;
const elsewhere = `${td}/spire/agent/b`;
const web = `${td}/web`;
const unix = (value: string): Selector => ({ type: "unix", value });
const process: readonly Selector[] = [
  unix("uid:1000"),
  unix("user:web"),
  unix("gid:1000"),
  unix("supplementary_gid:27"),
  unix("path:/usr/bin/web"),
  unix(`sha256:${"a".repeat(64)}`),
];

interface World {
  readonly entries: readonly RegistrationEntry[];
  readonly nodes: readonly AttestedNode[];
  readonly question: ExplainQuestion;
  readonly agentState?: AgentState;
  readonly bundles?: readonly string[];
}

/** All well: one entry that matches the process on its node. */
const well: World = {
  entries: [entry({ id: "web", spiffeId: web, parentId: home, selectors: [unix("uid:1000")] })],
  nodes: [node({ id: home, selectors: [{ type: "x509pop", value: "cn:a" }] }), node({ id: elsewhere })],
  question: { nodeId: home, selectors: process },
  agentState: "synced",
};

function ask({ entries, nodes, question, agentState, bundles }: World): Explanation {
  return explain(question, {
    entries: new EntryIndex(entries),
    nodes: new NodeIndex(nodes),
    now,
    trustDomain: "example.org",
    agentState: () => agentState,
    bundles: new Set(bundles ?? []),
  });
}

function withEntry(fields: Partial<RegistrationEntry>, ...more: RegistrationEntry[]): World {
  return {
    ...well,
    entries: [entry({ id: "web", spiffeId: web, parentId: home, selectors: [unix("uid:1000")], ...fields }), ...more],
  };
}

function withNode(fields: Partial<AttestedNode>): World {
  return { ...well, nodes: [node({ id: home, ...fields }), node({ id: elsewhere })] };
}

const pool = `${td}/pool`;
const alias = (fields: Partial<RegistrationEntry> = {}): RegistrationEntry =>
  entry({ id: "pool", spiffeId: pool, parentId: server, selectors: [{ type: "x509pop", value: "cn:b" }], ...fields });
const sha = (letter: string): Selector => unix(`sha256:${letter.repeat(64)}`);

interface Fault {
  readonly name: string;
  readonly world: World;
  readonly code: FindingCode;
  /** Parts of the finding: facts in the message, the change in the hint. */
  readonly says: readonly string[];
  /** The change that the hint names, done. */
  readonly cured: World;
}

const faults: readonly Fault[] = [
  {
    name: "1 wrong uid",
    world: withEntry({ selectors: [unix("uid:1001")] }),
    code: "WRONG_UID",
    says: [
      "unix:uid:1001",
      "has unix:uid:1000",
      "run the process as uid 1001",
      "mayfly entry update web --selector unix:uid:1000",
    ],
    cured: well,
  },
  {
    name: "2 wrong user name",
    world: withEntry({ selectors: [unix("user:Web")] }),
    code: "WRONG_USER",
    says: ["unix:user:Web", "has unix:user:web", "--selector unix:user:web"],
    cured: withEntry({ selectors: [unix("user:web")] }),
  },
  {
    name: "3 missing group",
    world: withEntry({ selectors: [unix("uid:1000"), unix("supplementary_gid:100")] }),
    code: "MISSING_GROUP",
    says: ["unix:supplementary_gid:100", "has unix:supplementary_gid:27", "add the process to the group with gid 100"],
    cured: {
      ...withEntry({ selectors: [unix("uid:1000"), unix("supplementary_gid:100")] }),
      question: { nodeId: home, selectors: [...process, unix("supplementary_gid:100")] },
    },
  },
  {
    name: "4 a process in no supplementary group",
    world: withEntry({ selectors: [unix("supplementary_group:docker")] }),
    code: "MISSING_GROUP",
    says: ["has no supplementary groups with a name", "add the process to group docker"],
    cured: {
      ...withEntry({ selectors: [unix("supplementary_group:docker")] }),
      question: { nodeId: home, selectors: [...process, unix("supplementary_group:docker")] },
    },
  },
  {
    name: "5 wrong primary group",
    world: withEntry({ selectors: [unix("gid:1001")] }),
    code: "WRONG_GROUP",
    says: ["has unix:gid:1000", "primary gid 1001", "mayfly entry update web --selector unix:gid:1000"],
    cured: withEntry({ selectors: [unix("gid:1000")] }),
  },
  {
    name: "6 wrong path",
    world: withEntry({ selectors: [unix("path:/usr/local/bin/web")] }),
    code: "WRONG_PATH",
    says: ["has unix:path:/usr/bin/web", "start the program from /usr/local/bin/web"],
    cured: withEntry({ selectors: [unix("path:/usr/bin/web")] }),
  },
  {
    name: "7 a new build",
    world: withEntry({ selectors: [unix("uid:1000"), sha("b")] }),
    code: "WRONG_BINARY",
    says: ["b".repeat(64), `mayfly entry update web --selector unix:sha256:${"a".repeat(64)} --selector unix:uid:1000`],
    cured: withEntry({ selectors: [sha("a"), unix("uid:1000")] }),
  },
  {
    name: "8 hashing is off",
    world: { ...withEntry({ selectors: [sha("a")] }), question: { nodeId: home, selectors: process.slice(0, 3) } },
    code: "SELECTOR_NOT_ATTESTED",
    says: ["found no unix:sha256 selectors", "workload_attestors: unix: { sha256: true }"],
    cured: withEntry({ selectors: [sha("a")] }),
  },
  {
    name: "a task's entry and a process without a ticket",
    world: withEntry({ selectors: [unix("uid:1000"), taskSelector("t-aaaaaaaaaaaaaaaa")] }),
    code: "TASK_NOT_BOUND",
    says: [
      "task:id:t-aaaaaaaaaaaaaaaa",
      "needs a ticket: no task bound",
      "mayfly task exec --ticket-file FILE -- COMMAND",
    ],
    cured: {
      ...withEntry({ selectors: [unix("uid:1000"), taskSelector("t-aaaaaaaaaaaaaaaa")] }),
      question: { nodeId: home, selectors: [...process, taskSelector("t-aaaaaaaaaaaaaaaa")] },
    },
  },
  {
    name: "a task's entry and a process of another task",
    world: {
      ...withEntry({ selectors: [unix("uid:1000"), taskSelector("t-aaaaaaaaaaaaaaaa")] }),
      question: { nodeId: home, selectors: [...process, taskSelector("t-bbbbbbbbbbbbbbbb")] },
    },
    code: "WRONG_TASK",
    says: ["has task:id:t-bbbbbbbbbbbbbbbb"],
    cured: {
      ...withEntry({ selectors: [unix("uid:1000"), taskSelector("t-aaaaaaaaaaaaaaaa")] }),
      question: { nodeId: home, selectors: [...process, taskSelector("t-aaaaaaaaaaaaaaaa")] },
    },
  },
  {
    name: "9 an attestor that the agent does not have",
    world: withEntry({ selectors: [unix("uid:1000"), { type: "docker", value: "label:app:web" }] }),
    code: "SELECTOR_NOT_ATTESTED",
    says: ["docker:label:app:web", "no docker: selectors", "workload_attestors: docker"],
    cured: {
      ...withEntry({ selectors: [unix("uid:1000"), { type: "docker", value: "label:app:web" }] }),
      question: { nodeId: home, selectors: [...process, { type: "docker", value: "label:app:web" }] },
    },
  },
  {
    name: "10 another value of a foreign attestor",
    world: {
      ...withEntry({ selectors: [{ type: "k8s", value: "ns:prod" }] }),
      question: { nodeId: home, selectors: [{ type: "k8s", value: "ns:test" }] },
    },
    code: "MISSING_SELECTOR",
    says: ["k8s:ns:prod", "has k8s:ns:test", "give the process k8s:ns:prod"],
    cured: {
      ...withEntry({ selectors: [{ type: "k8s", value: "ns:test" }] }),
      question: { nodeId: home, selectors: [{ type: "k8s", value: "ns:test" }] },
    },
  },
  {
    name: "11 wrong parent: another node",
    world: withEntry({ parentId: elsewhere }),
    code: "WRONG_PARENT",
    says: [`under node ${elsewhere}`, `runs on ${home}`, `mayfly entry update web --parent-id ${home}`],
    cured: withEntry({ parentId: home }),
  },
  {
    name: "12 a parent that nobody is",
    world: withEntry({ parentId: `${td}/spire/agent/typo` }),
    code: "PARENT_UNKNOWN",
    says: [`${td}/spire/agent/typo`, `mayfly entry update web --parent-id ${home}`],
    cured: withEntry({ parentId: home }),
  },
  {
    name: "13 parents in a cycle",
    world: withEntry(
      { parentId: `${td}/x` },
      entry({ id: "x", spiffeId: `${td}/x`, parentId: web, selectors: [unix("uid:7")] }),
    ),
    code: "PARENT_CYCLE",
    says: [`lead back to ${td}/x`, `--parent-id ${home}`],
    cured: withEntry({ parentId: home }),
  },
  {
    name: "14 an expired parent entry",
    world: withEntry(
      { parentId: `${td}/x` },
      entry({ id: "x", spiffeId: `${td}/x`, parentId: home, selectors: [unix("uid:7")], expiresAt: past }),
    ),
    code: "PARENT_EXPIRED",
    says: ["below entry x", "mayfly entry update x --expires-in 24h"],
    cured: withEntry(
      { parentId: `${td}/x` },
      entry({ id: "x", spiffeId: `${td}/x`, parentId: home, selectors: [unix("uid:7")], expiresAt: past + 86_460 }),
    ),
  },
  {
    name: "15 the node is not in the group of the alias",
    world: withEntry({ parentId: pool }, alias()),
    code: "ALIAS_MISSING_SELECTOR",
    says: ["entry pool", "lacks x509pop:cn:b", "mayfly entry update pool --selector x509pop:cn:a"],
    cured: withEntry({ parentId: pool }, alias({ selectors: [{ type: "x509pop", value: "cn:a" }] })),
  },
  {
    name: "16 the node has no selectors at all",
    world: { ...withEntry({ parentId: pool }, alias()), nodes: [node({ id: home })] },
    code: "ALIAS_MISSING_SELECTOR",
    says: ["lacks x509pop:cn:b", `mayfly entry update web --parent-id ${home}`],
    cured: withEntry({ parentId: home }),
  },
  {
    name: "17 expired entry",
    world: withEntry({ expiresAt: past }),
    code: "ENTRY_EXPIRED",
    says: ["2026-11-24T11:59:00.000Z", "mayfly entry update web --expires-in 24h"],
    cured: withEntry({ expiresAt: past + 86_460 }),
  },
  {
    name: "18 banned node",
    world: withNode({ serialNumber: "" }),
    code: "NODE_BANNED",
    says: [home, `mayfly node evict ${home}`],
    cured: withNode({ serialNumber: "18" }),
  },
  {
    name: "19 expired node",
    world: withNode({ expiresAt: past, canReattest: false }),
    code: "NODE_EXPIRED",
    says: ["2026-11-24T11:59:00.000Z", "mayfly token create --enrolment"],
    cured: withNode({ expiresAt: past + 3600 }),
  },
  {
    name: "20 node that never attested",
    world: { ...well, nodes: [node({ id: elsewhere })] },
    code: "NODE_UNKNOWN",
    says: [`no node is attested as ${home}`, "mayfly token create"],
    cured: well,
  },
  {
    name: "21 agent that did not take in the newest entries",
    world: { ...well, agentState: "behind" },
    code: "AGENT_NOT_SYNCED",
    says: [home, "mayfly agent healthcheck"],
    cured: well,
  },
  {
    name: "22 agent cut off from the server",
    world: { ...well, agentState: "disconnected" },
    code: "AGENT_NOT_CONNECTED",
    says: [home, "mayfly agent healthcheck"],
    cured: well,
  },
  {
    name: "23 entry for secret stores",
    world: withEntry({ storeSvid: true }),
    code: "STORE_SVID",
    says: ["secret stores only", "without --store-svid"],
    cured: withEntry({ storeSvid: false }),
  },
  {
    name: "24 hint taken by an older entry",
    world: {
      ...withEntry(
        { hint: "main", createdAt: 2 },
        entry({ id: "old", parentId: home, selectors: [unix("gid:1000")], hint: "main", createdAt: 1 }),
      ),
      question: { ...well.question, spiffeId: web },
    },
    code: "HINT_TAKEN",
    says: ["older entry old", '"main"', "mayfly entry update web --hint"],
    cured: { ...withEntry({ hint: "web" }), question: { ...well.question, spiffeId: web } },
  },
  {
    name: "25 workload registered as a node alias",
    world: { ...withEntry({ parentId: server }), question: { ...well.question, spiffeId: web } },
    code: "NODE_ALIAS",
    says: ["yields no SVID", "mayfly entry update web --parent-id"],
    cured: well,
  },
  {
    name: "31 a user that has no name",
    world: {
      ...withEntry({ selectors: [unix("user:nobody")] }),
      question: { nodeId: home, selectors: [unix("uid:1000"), unix("gid:1000")] },
    },
    code: "WRONG_USER",
    says: ["unix:user:nobody", "has a user without a name", "as user nobody", "--selector unix:uid:1000"],
    cured: well,
  },
  {
    name: "32 a group that has no name",
    world: {
      ...withEntry({ selectors: [unix("group:staff")] }),
      question: { nodeId: home, selectors: [unix("uid:1000"), unix("gid:1000")] },
    },
    code: "WRONG_GROUP",
    says: ["a primary group without a name", "--selector unix:gid:1000"],
    cured: withEntry({ selectors: [unix("gid:1000")] }),
  },
  {
    name: "33 a misspelt selector",
    world: withEntry({ selectors: [unix("uidd:1000"), unix("user:web")] }),
    code: "SELECTOR_NOT_ATTESTED",
    says: [
      "unix:uidd:1000",
      "no selectors of that kind",
      "write unix:uid:1000",
      "--selector unix:uid:1000 --selector unix:user:web",
    ],
    cured: withEntry({ selectors: [unix("uid:1000"), unix("user:web")] }),
  },
  {
    name: "34 a kind of selector that there is not",
    world: withEntry({ selectors: [unix("cgroup:/web"), unix("uid:1000")] }),
    code: "SELECTOR_NOT_ATTESTED",
    says: ["unix:cgroup:/web", "mayfly entry update web --selector unix:uid:1000"],
    cured: well,
  },
  {
    name: "26 no entry at all",
    world: { ...well, entries: [] },
    code: "NO_ENTRY",
    says: [`mayfly entry create --spiffe-id <SPIFFE ID> --parent-id ${home} --selector unix:uid:1000`],
    cured: well,
  },
  {
    name: "27 an ID in other capitals",
    world: { ...well, question: { ...well.question, spiffeId: `${td}/Web` } },
    code: "SPIFFE_ID_CASE",
    says: [`one is for ${web}`, `ask for ${web}`],
    cured: { ...well, question: { ...well.question, spiffeId: web } },
  },
  {
    name: "28 an ID of another trust domain",
    world: { ...well, question: { ...well.question, spiffeId: "spiffe://example.com/web" } },
    code: "FOREIGN_TRUST_DOMAIN",
    says: ["example.org", "spiffe://example.org/"],
    cured: { ...well, question: { ...well.question, spiffeId: web } },
  },
  {
    name: "29 a process of which nothing could be attested",
    world: { ...well, question: { nodeId: home, selectors: [] } },
    code: "NO_SELECTORS",
    says: ["nothing could be attested", "agent's log"],
    cured: well,
  },
  {
    name: "30 a federated bundle that is not there",
    world: withEntry({ federatesWith: ["other.test"] }),
    code: "NO_BUNDLE",
    says: ["other.test", "mayfly bundle set --trust-domain other.test"],
    cured: { ...withEntry({ federatesWith: ["other.test"] }), bundles: ["other.test"] },
  },
];

describe("explain", () => {
  it("finds nothing wrong where all is well", () => {
    expect(ask(well)).toEqual({ matches: well.entries, findings: [] });
  });

  it.each(faults)("names the fault and the change that helps: $name", ({ world, code, says, cured }) => {
    const { findings } = ask(world);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    const told = `${findings[0]?.message ?? ""} ${findings[0]?.hint ?? ""}`;
    for (const part of says) expect(told).toContain(part);
    const after = ask(cured);
    expect(after.findings).toEqual([]);
    expect(after.matches.map(({ id }) => id)).toEqual(["web"]);
  });

  it("tells every obstacle of the nearest misses, and nothing of remoter ones", () => {
    const entries = [
      entry({ id: "far", selectors: [unix("uid:1"), unix("gid:1"), unix("user:web")] }),
      entry({ id: "near", selectors: [unix("uid:1000"), unix("gid:1"), unix("user:x")], parentId: home }),
      entry({ id: "nearer", storeSvid: true, selectors: [unix("uid:1000"), unix("gid:1")] }),
      entry({ id: "remote", selectors: [unix("uid:1"), unix("gid:1"), unix("user:x")] }),
      entry({ id: "unrelated", parentId: elsewhere, selectors: [unix("uid:5")] }),
    ];
    const found = ask({ ...well, entries }).findings.map(({ entryId, code }) => `${entryId} ${code}`);
    expect(found).toEqual([
      "nearer WRONG_GROUP",
      "nearer STORE_SVID",
      "far WRONG_GROUP",
      "far WRONG_UID",
      "near WRONG_GROUP",
      "near WRONG_USER",
    ]);
  });

  it("asked about an ID only, says why no node serves it", () => {
    const question = { spiffeId: web };
    expect(ask({ ...well, question }).matches).toHaveLength(1);
    const codeOf = (world: World): string[] => ask({ ...world, question }).findings.map(({ code }) => code);
    expect(codeOf({ ...withNode({ serialNumber: "" }) })).toEqual(["NODE_BANNED"]);
    expect(codeOf(withEntry({ parentId: `${td}/gone` }))).toEqual(["PARENT_UNKNOWN"]);
    expect(codeOf(withEntry({ parentId: pool }, alias()))).toEqual(["ALIAS_MISSING_SELECTOR"]);
    expect(codeOf(withEntry({ parentId: pool }, alias({ selectors: [{ type: "x509pop", value: "cn:a" }] })))).toEqual(
      [],
    );
  });

  it("asked by an agent, takes its entries as those of its own node", () => {
    const facts = { entries: new EntryIndex(withEntry({ parentId: `${td}/any` }).entries), now };
    expect(explain({ selectors: process }, facts).matches.map(({ id }) => id)).toEqual(["web"]);
    expect(explain({ selectors: [unix("uid:1")] }, facts).findings.map(({ code }) => code)).toEqual(["NO_ENTRY"]);
  });

  it("refuses an empty question", () => {
    expect(() => explain({}, { entries: new EntryIndex(), now })).toThrow(TypeError);
  });

  it("shows no control characters and quotes words for a shell", () => {
    const world = {
      ...withEntry({ selectors: [unix("path:/x\u001b[31m y")] }),
      question: { nodeId: home, selectors: [unix("path:/it's\n")] },
    };
    const [finding] = ask(world).findings;
    expect(`${finding?.message ?? ""}${finding?.hint ?? ""}`).not.toMatch(/\p{Cc}/u);
  });

  it("decides as the closure and the match do, and always says why there is nothing", () => {
    const at = new Date(1_000_000);
    let nonEmpty = 0;
    const worlds = fc.tuple(
      fc.uniqueArray(anyEntry, { selector: ({ id }) => id, minLength: 2, maxLength: 10, size: "max" }),
      anyNode,
      anySelectors,
    );
    fc.assert(
      fc.property(worlds, ([entries, of, selectors]) => {
        const live = entries.filter(({ expiresAt }) => expiresAt === 0 || expiresAt > 1000);
        const expected = matchEntries(naiveAuthorized(live, of).values(), selectors, { now: at });
        const facts = { entries: new EntryIndex(entries), nodes: new NodeIndex([of]), now: at };
        const { matches, findings } = explain({ nodeId: of.id, selectors }, facts);
        expect(matches).toEqual(expected);
        if (matches.length === 0) expect(findings.length).toBeGreaterThan(0);
        else nonEmpty += 1;
      }),
      { numRuns: 500 },
    );
    expect(nonEmpty).toBeGreaterThan(5);
  });
});
