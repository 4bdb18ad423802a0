// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import * as rpc from "../src/index.ts";

// A literal has every field of its type and no other: the compiler. What comes back has every field of the file and no other: the codec.
// Equal means that types and file are one contract. No value is the field's default.
const task: rpc.TaskMessage = {
  id: "t-aaaaaaaaaaaaaaaa",
  parent_id: "t-bbbbbbbbbbbbbbbb",
  root_id: "t-cccccccccccccccc",
  depth: 2,
  agent: "research",
  owner: "ann",
  requested_by: "bob",
  tier: "T2",
  scope_json: '{"tools":[]}',
  state: "ended",
  reason: "revoked",
  created_at_ms: "1800000000001",
  not_after_ms: "9007199254740993",
  revision: "18446744073709551615",
  spiffe_id: "spiffe://example.org/agent/research/task/t-aaaaaaaaaaaaaaaa",
  entry_id: "e",
};
const grant: rpc.GrantMessage = {
  id: "g",
  task_id: task.id,
  kind: "lease",
  guard: "spiffe://example.org/broker",
  ref: "lease/1",
  not_after_ms: "1800000000002",
  state: "gone",
  evidence_json: '{"by":"broker"}',
  ended_at_ms: "1800000000003",
};
const call: rpc.BeginCallRequest = {
  task_id: task.id,
  svid_serial: "0a",
  server: "db",
  tool: "query",
  effect: "read",
  arguments_digest: "hmac-sha256:00",
  canonical_digest: "sha256:00",
  policy_digest: "sha256:01",
  policy_ids: ["p1", "p2"],
  approval_id: "a",
  trace_id: "t",
  decision_id: "d",
  task_revision: "5",
};
const page = { page_size: 50, page_token: "from" };
const next = { next_page_token: "to" };
const pinnedTool = {
  server: "orders",
  tool: "query",
  digest: "sha-256:a",
  seen_digest: "sha-256:b",
  state: "quarantined",
  pinned_by: "spiffe://example.org/gateway",
  pinned_at_ms: "1",
  seen_at_ms: "2",
};
const account: rpc.AccountMessage = {
  target: "pg",
  account: "old",
  last_activity_ms: "1",
  can_login: true,
  legacy: true,
  first_seen_ms: "2",
  last_seen_ms: "3",
  owner: "ann",
  expires_at_ms: "4",
  adopted_by: "root",
  rotated_at_ms: "5",
  order: "rotate",
  order_problem: "p",
  alarms: ["EXPIRED"],
};
const approval: rpc.ApprovalMessage = {
  id: "a",
  task_id: task.id,
  server: "db",
  tool: "query",
  arguments_json: "{}",
  payload: "mayfly-approval",
  state: "pending",
  requested_at_ms: "1",
  not_after_ms: "2",
  requester: "bob",
  owner: "ann",
  approvers: ["cleo"],
  approvals_needed: 2,
  policy_digest: "sha256:01",
  deny_payload: '{"deny":true}',
};
const profile: rpc.ProfileMessage = {
  name: "research",
  owner: "ann",
  backup: "bob",
  tier: "T1",
  ceiling_json: "{}",
  selectors: ["unix:uid:1"],
  expires_at_ms: "3",
  state: "active",
  revision: "4",
  parent_id: "spiffe://example.org/node",
};
const operator: rpc.OperatorMessage = {
  name: "ann",
  keys: ["ssh-ed25519 AAAA ann"],
  roles: [{ role: "approver", prefix: "/" }],
  state: "active",
  spiffe_ids: ["spiffe://example.org/ann"],
  aliases: ["ann@example.org"],
};
const lease: rpc.LeaseMessage = {
  id: "l",
  task_id: task.id,
  call_id: "c",
  target: "pg",
  mode: "leased",
  state: "live",
  account: "mayfly_l",
  created_at_ms: "1",
  not_after_ms: "2",
  holder: "spiffe://example.org/tools/db",
  evidence_json: "{}",
  problem: "p",
};
const unmanaged: rpc.UnmanagedAccountMessage = {
  target: "pg",
  account: "old",
  last_activity_ms: "7",
  can_login: true,
  legacy: true,
};
const standing: rpc.TaskStanding = {
  task_id: task.id,
  parent_id: "t-bbbbbbbbbbbbbbbb",
  agent: "research",
  owner: "ann",
  spiffe_id: task.spiffe_id,
  state: "suspended",
  tier: "T3",
  not_after_ms: "8",
  revision: "9",
  scope_json: "{}",
  depth: 1,
};
const bound: rpc.BindTaskResponse = { task_id: task.id, spiffe_id: task.spiffe_id, not_after_ms: "1", tier: "T0" };
const started: rpc.StartTaskResponse = { task, ticket: "secret", ticket_expires_at_ms: "6" };
const shown: rpc.GetTaskResponse = {
  task,
  descendants: [task, task],
  grants: [grant],
  descendants_left_out: 7,
  grants_left_out: 8,
};
const change: rpc.ChangeTaskRequest = { id: "t", why: "w" };
const progress: readonly rpc.EndProgress[] = [
  { step: "grant", grant },
  {
    step: "summary",
    summary: {
      task_ids: [task.id],
      quiet: true,
      grants: 3,
      stuck: 1,
      healthy_ms: 0.25,
      fence_ms: 3000.5,
      foreign_ms: 3e5,
      cut: ["node n is banned"],
    },
  },
];

/** The messages of one method; the services' own types say which. */
interface Samples<Request, Response> {
  readonly requests: readonly Request[];
  readonly responses: readonly Response[];
}
type SamplesOf<M> = M extends rpc.Method<infer Request, infer Response> ? Samples<Request, Response> : never;

function unary<Request, Response>(request: Request, response: Response): Samples<Request, Response> {
  return { requests: [request], responses: [response] };
}

function serviceSamples<Methods extends object>(
  service: rpc.ServiceDescription<Methods>,
  samples: { readonly [Name in keyof Methods]: SamplesOf<Methods[Name]> },
): [string, rpc.Method<unknown, unknown>, Samples<unknown, unknown>][] {
  const methods = new Map<string, rpc.Method<unknown, unknown>>(Object.entries(service.methods));
  return Object.entries<Samples<unknown, unknown>>(samples).map(([name, each]) => {
    const method = methods.get(name);
    if (method === undefined) throw new TypeError(`${service.name} has no ${name}`);
    return [method.path, method, each];
  });
}

const all = [
  ...serviceSamples(rpc.mayflyTaskBindingService, { BindTask: unary({ ticket: "secret" }, bound) }),
  ...serviceSamples(rpc.mayflyTasksService, {
    StartTask: unary(
      { agent: "research", owner: "ann", scope_json: "{}", ttl_seconds: "60", parent_node_id: "n" },
      started,
    ),
    StartChild: unary({ agent: "research", name: "web", scope_json: "{}", ttl_seconds: "60" }, started),
    GetTask: unary({ id: "t" }, shown),
    ListTasks: unary(
      { agent: "research", owner: "ann", state: "active", page_size: 10, page_token: "p" },
      { tasks: [task], next_page_token: "q" },
    ),
    SuspendTask: unary(change, shown),
    ResumeTask: unary(change, shown),
    EndTask: { requests: [{ id: "t", reason: "revoked", why: "w" }], responses: progress },
    Kill: { requests: [{ kind: "agent", what: "research", why: "w" }], responses: progress },
  }),
  ...serviceSamples(rpc.mayflyTicketsService, {
    RedeemTicket: unary({ ticket: "secret", selectors: ["unix:uid:1"] }, bound),
  }),
  ...serviceSamples(rpc.mayflyGuardsService, {
    Watch: {
      requests: [
        { step: "hello", hello: { kind: "broker", version: "1", process_age_ms: "7" } },
        { step: "beat", beat: { seen_revision: "5", sequence: "3" } },
        {
          step: "report",
          report: {
            task_id: "t",
            revision: "6",
            grants: [{ grant_id: "g", kind: "connection", ref: "r", gone: true, evidence_json: "{}", problem: "p" }],
            done: true,
          },
        },
      ],
      responses: [{ revision: "6", beat: true, tasks: [standing], snapshot: true, answered: "3", more: true }],
    },
  }),
  ...serviceSamples(rpc.mayflyCallsService, {
    BeginCall: unary(call, { call_id: "c", record_index: "1", refusal: "BUDGET_SPENT", message: "m" }),
    FinishCall: unary({ call_id: "c", outcome: "done", detail: "d", duration_ms: 1.5 }, { record_index: "2" }),
    RecordDenial: unary({ call, code: "DENIED", message: "m", requestable: true }, { record_index: "3" }),
    RecordDecision: unary(
      {
        kind: "list",
        task_id: task.id,
        svid_serial: "0a",
        subject: task.spiffe_id,
        server: "db",
        tool: "query",
        allowed: true,
        reasons: ["IN_SCOPE"],
        shown: ["query"],
        arguments_digest: "hmac-sha256:00",
        policy_digest: "sha256:01",
        policy_ids: ["p1"],
        decision_id: "d",
        trace_id: "t",
      },
      { record_index: "4", summed: true },
    ),
    RequestApproval: unary(
      { call, arguments_json: "{}", ttl_seconds: "60" },
      { approval_id: "a", not_after_ms: "1", state: "pending" },
    ),
    PinTool: unary(
      { server: "db", tool: "query", definition_digest: "sha256:00", definition_json: "{}" },
      { pinned: true, pinned_digest: "sha256:00" },
    ),
  }),
  ...serviceSamples(rpc.mayflyApprovalsService, {
    ListApprovals: unary({ state: "pending", task_id: "t", ...page }, { approvals: [approval], ...next }),
    GetApproval: unary({ id: "a" }, approval),
    DecideApproval: unary({ id: "a", operator: "cleo", approve: true, signature: "s", why: "w" }, approval),
    ListTools: unary({ state: "quarantined", ...page }, { tools: [pinnedTool], ...next }),
    GetTool: unary(
      { server: "orders", tool: "query" },
      { tool: pinnedTool, definition_json: "{}", seen_definition_json: '{"name":"query"}' },
    ),
    ApproveTool: unary({ server: "orders", tool: "query", digest: "sha-256:b", why: "w" }, pinnedTool),
  }),
  ...serviceSamples(rpc.mayflyProfilesService, {
    CreateProfile: unary(profile, profile),
    GetProfile: unary({ name: "research" }, profile),
    ListProfiles: unary(page, { profiles: [profile], ...next }),
    UpdateProfile: unary(profile, profile),
    ChangeProfile: unary({ name: "research", change: "retire", why: "w" }, profile),
    CreateOperator: unary(operator, operator),
    ListOperators: unary(page, { operators: [operator], ...next }),
    ChangeOperator: unary({ name: "ann", change: "suspend" }, operator),
  }),
  ...serviceSamples(rpc.mayflyLeasesService, {
    BeginLease: unary(
      {
        statement: "h.p.s",
        target: "pg",
        mode: "leased",
        holder: lease.holder,
        ttl_seconds: "60",
        account_prefix: "x_",
      },
      { lease, refusal: "TASK_NOT_ACTIVE", message: "m" },
    ),
    ReportLease: unary({ id: "l", state: "gone", evidence_json: "{}", problem: "p" }, lease),
    ReportUnmanaged: unary({ target: "pg", accounts: [unmanaged] }, {}),
    ListLeases: unary({ task_id: "t", state: "live", ...page }, { leases: [lease], unmanaged: [unmanaged], ...next }),
    GetLease: unary({ id: "l" }, lease),
    RevokeLease: unary({ id: "l", why: "w" }, lease),
  }),
  ...serviceSamples(rpc.mayflyAccountsService, {
    ListAccounts: unary({ target: "pg", ...page }, { accounts: [account], ...next }),
    AdoptAccount: unary({ target: "pg", account: "old", owner: "ann", expires_at_ms: "9", why: "w" }, account),
    OrderAccount: unary({ target: "pg", account: "old", order: "rotate", verifier: "v", why: "w" }, account),
    TakeOrders: unary({ target: "pg" }, { orders: [{ id: "o", account: "old", order: "rotate", verifier: "v" }] }),
    FinishOrder: unary({ target: "pg", account: "old", id: "o", problem: "p", sessions_cut: 2 }, {}),
  }),
  ...serviceSamples(rpc.mayflyRecordsService, {
    GetCheckpoint: unary({}, { checkpoint: "c", vkey: "v" }),
    ExportRecords: unary({ from: "1", to: "2", task_id: "t" }, { index: "1", records: [Buffer.of(1), Buffer.of(2)] }),
    ProveRecord: unary({ index: "1", record_id: "r" }, { receipt: "r", record: Buffer.of(1) }),
  }),
];

it.each(all)("%s has the messages of its file, field by field", (_path, method, { requests, responses }) => {
  for (const request of requests) {
    expect(method.decodeRequest(method.encodeRequest(request as object))).toStrictEqual(request);
  }
  for (const response of responses) {
    expect(method.decodeResponse(method.encodeResponse(response as object))).toStrictEqual(response);
  }
});

describe("an empty message of the task layer", () => {
  it("has no step, so that nothing can be taken for one", () => {
    expect(rpc.mayflyGuardsService.methods.Watch.decodeRequest(Buffer.alloc(0))).toStrictEqual({});
    expect(rpc.mayflyTasksService.methods.EndTask.decodeResponse(Buffer.alloc(0))).toStrictEqual({});
  });

  it("has null for the message that is missing and for no text the empty one", () => {
    const { RecordDenial } = rpc.mayflyCallsService.methods;
    expect(RecordDenial.decodeRequest(Buffer.alloc(0))).toStrictEqual({
      call: null,
      code: "",
      message: "",
      requestable: false,
    });
  });
});
