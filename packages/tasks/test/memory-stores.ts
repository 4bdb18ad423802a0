// SPDX-License-Identifier: Apache-2.0
import type { TaskStores } from "@mayfly/testkit";
import {
  type AgentProfile,
  type Approval,
  type ApprovalStore,
  type BudgetCounter,
  type BudgetStore,
  changeAgentTasks,
  changeSubtree,
  type CommittedHoldings,
  findConflict,
  type Grant,
  type GrantEvent,
  type GrantStore,
  type Holdings,
  isApprovalOpen,
  isQuiet,
  nextApproval,
  nextGrant,
  nextTask,
  type Operator,
  type OperatorStore,
  type ProfileStore,
  type SubtreeEvent,
  type Task,
  TaskError,
  type TaskId,
  type TaskIdentity,
  type TaskStore,
  type Ticket,
  type TicketStore,
} from "../src/index.ts";

type RegistrationEntry = NonNullable<Awaited<ReturnType<TaskStores["entries"]["get"]>>>;

/** The plainest stores that hold to their contract: each method runs to its end without a break, so it is a transaction. */
export class MemoryStores implements TaskStores {
  #revision = 0;
  readonly #tasks = new Map<string, Task>();
  readonly #identities = new Map<string, TaskIdentity>();
  readonly #endedAt = new Map<TaskId, Date>();
  readonly #tickets = new Map<string, Ticket>();
  readonly #grants = new Map<string, Grant>();
  readonly #approvals = new Map<string, Approval>();
  readonly #profiles = new Map<string, AgentProfile>();
  readonly #operators = new Map<string, Operator>();
  readonly #calls = new Map<string, { taskId: TaskId; server: string; tool: string }>();
  readonly #counts = new Map<string, { server: string; tool: string; taskId: TaskId; calls: number }>();

  async [Symbol.asyncDispose](): Promise<void> {}

  readonly entries = {
    get: async (id: string): Promise<RegistrationEntry | undefined> => {
      const found = [...this.#identities].find(([, { entryId }]) => entryId === id);
      return found !== undefined && this.#tasks.get(found[0])?.state === "active" ? entryOf(found[1]) : undefined;
    },
  };

  readonly tasks: TaskStore = {
    create: async (task, identity, { profile, parent }, at) => {
      if (this.#tasks.has(task.id)) return { outcome: "exists" };
      const own = this.#profiles.get(profile.name);
      if (own?.state !== "active" || own.revision !== profile.revision) return { outcome: "changed" };
      if (parent !== undefined) {
        if (!this.#isAlive(parent.id, at) || this.#tasks.get(parent.id)?.revision !== parent.revision)
          return { outcome: "changed" };
        const living = [...this.#tasks.values()].filter(
          (each) => each.parentId === parent.id && each.state !== "ended",
        );
        if (living.length >= parent.maxChildren) return { outcome: "too-many-children" };
      }
      const created = { ...task, revision: ++this.#revision };
      this.#tasks.set(task.id, created);
      this.#identities.set(task.id, identity);
      const { id: taskId, notAfter, revision } = created;
      const grant = {
        kind: "entry",
        guard: "server",
        ref: identity.entryId,
        notAfter,
        renewable: false,
        state: "live",
      } as const;
      this.#grants.set(identity.entryId, { id: identity.entryId, taskId, ...grant, revision });
      return { outcome: "created", task: created };
    },
    get: async (id) => this.#tasks.get(id),
    subtree: async (id) => this.#subtree(id),
    lineage: async (id) => {
      const lineage: Task[] = [];
      for (let each = this.#tasks.get(id); each !== undefined; each = this.#tasks.get(each.parentId ?? ""))
        lineage.push(each);
      return lineage;
    },
    list: async ({ agent, owner, states, dueAt }, { limit, after }) => {
      const all = [...this.#tasks.values()];
      return all
        .slice(after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1)
        .filter((each) => (agent ?? each.agent) === each.agent && (owner ?? each.owner) === each.owner)
        .filter(({ state, notAfter }) => (states?.includes(state) ?? true) && notAfter <= (dueAt ?? notAfter))
        .slice(0, limit);
    },
    change: async (id, event) => this.#change(this.#known(id), event),
    end: async (ids, reason, at) => {
      const tops = ids.flatMap((id) => this.#tasks.get(id) ?? []);
      const changes = tops.map((top) =>
        changeSubtree(top, this.#holdings(this.#subtree(top.id)), { event: "end", reason, at }),
      );
      // A task that two of the trees share is ended once.
      const once = <Item>(items: readonly Item[], key: (item: Item) => string) => [
        ...new Map(items.map((item) => [key(item), item])).values(),
      ];
      return this.#commit({
        tasks: once(
          changes.flatMap(({ tasks }) => tasks),
          ({ id }) => id,
        ),
        grants: once(
          changes.flatMap(({ grants }) => grants),
          ({ id }) => id,
        ),
        approvals: once(
          changes.flatMap(({ approvals }) => approvals),
          ({ request }) => request.id,
        ),
      });
    },
    settle: async (id, now) => {
      const subtree = this.#subtree(this.#known(id).id);
      const { quiet, open } = isQuiet(subtree, [...this.#grants.values()], now);
      if (!quiet) return { outcome: "not-quiet", open };
      const ending = subtree
        .filter(({ state }) => state === "ending")
        .map((task) => nextTask(task, { event: "settle" }));
      for (const each of ending) this.#endedAt.set(each.id, now);
      return { outcome: "settled", tasks: this.#commit({ tasks: ending, grants: [], approvals: [] }).tasks };
    },
    prune: async (endedBefore) => {
      const parents = new Set([...this.#tasks.values()].map(({ parentId }) => parentId));
      const due = [...this.#endedAt].filter(([id, at]) => at < endedBefore && !parents.has(id)).map(([id]) => id);
      for (const id of due) this.#forget(id);
      return { tasks: due, isDone: due.length === 0 };
    },
  };

  readonly tickets: TicketStore = {
    create: async (ticket) => {
      if (this.#tickets.has(ticket.hash)) return false;
      this.#tickets.set(ticket.hash, ticket);
      return true;
    },
    redeem: async (hash, _by, now) => {
      const ticket = this.#tickets.get(hash);
      this.#tickets.delete(hash);
      const task = ticket === undefined ? undefined : this.#tasks.get(ticket.taskId);
      if (ticket === undefined || task === undefined || now >= ticket.expiresAt || !this.#isAlive(task.id, now)) {
        return { outcome: "refused" };
      }
      return { outcome: "redeemed", task };
    },
    prune: async (now) => {
      const over = [...this.#tickets.values()].filter(({ expiresAt }) => now >= expiresAt);
      for (const { hash } of over) this.#tickets.delete(hash);
      return over.length;
    },
  };

  readonly grants: GrantStore = {
    open: async (grant, at) => {
      const stored = this.#grants.get(grant.id);
      const same = ["taskId", "kind", "guard", "ref"] as const;
      if (stored !== undefined) {
        return same.every((name) => stored[name] === grant[name])
          ? { outcome: "exists", grant: stored }
          : { outcome: "conflict" };
      }
      if (!this.#isAlive(grant.taskId, at)) return { outcome: "task-not-active" };
      const opened = { ...grant, revision: ++this.#revision };
      this.#grants.set(grant.id, opened);
      return { outcome: "opened", grant: opened };
    },
    get: async (id) => this.#grants.get(id),
    list: async (ids) => [...this.#grants.values()].filter(({ taskId }) => ids.includes(taskId)),
    listOf: async (guard) => [...this.#grants.values()].filter((each) => each.guard === guard && each.state !== "gone"),
    extend: async (id, notAfter, at) => {
      const { taskId, state } = this.#grant(id);
      if (!this.#isAlive(taskId, at)) throw new TaskError("ILLEGAL_GRANT_STEP", `grant ${id} is ${state}`);
      return this.#step(id, { event: "extend", notAfter, at });
    },
    end: async (id) => (this.#grant(id).state === "live" ? this.#step(id, { event: "end" }) : this.#grant(id)),
    prove: async (id, evidence) =>
      this.#grant(id).state === "gone" ? this.#grant(id) : this.#step(id, { event: "prove", evidence }),
    resist: async (id, problem) => this.#step(id, { event: "resist", problem }),
  };

  readonly approvals: ApprovalStore = {
    create: async (approval) => {
      const { id, taskId, requestedAt } = approval.request;
      const stored = this.#approvals.get(id);
      if (stored !== undefined) return { outcome: "exists", approval: stored };
      if (!this.#isAlive(taskId, requestedAt)) return { outcome: "task-not-active" };
      const created = { ...approval, revision: ++this.#revision };
      this.#approvals.set(id, created);
      return { outcome: "created", approval: created };
    },
    get: async (id) => this.#approvals.get(id),
    list: async ({ state, taskId }, page) => {
      const all = [...this.#approvals.values()];
      const at = page?.after === undefined ? -1 : all.findIndex(({ request }) => request.id === page.after);
      return all
        .slice(at + 1)
        .filter((each) => (state ?? each.state) === each.state)
        .filter(({ request }) => (taskId ?? request.taskId) === request.taskId)
        .slice(0, page?.limit);
    },
    replace: async (next) => {
      if (this.#approvals.get(next.request.id)?.revision !== next.revision) return undefined;
      return this.#commit({ tasks: [], grants: [], approvals: [next] }).approvals[0];
    },
    expire: async (at) => {
      const over = [...this.#approvals.values()].filter((each) => isApprovalOpen(each) && at >= each.request.notAfter);
      const approvals = over.map((each) => nextApproval(each, { event: "expire", at }));
      return this.#commit({ tasks: [], grants: [], approvals }).approvals;
    },
  };

  readonly budgets: BudgetStore = {
    take: async ({ callId, taskId, taskRevision, server, tool, counters, use, at }) => {
      if (!this.#isAlive(taskId, at) || this.#tasks.get(taskId)?.revision !== taskRevision)
        return { outcome: "task-changed" };
      if (this.#calls.has(callId)) return { outcome: "taken", repeated: true };
      const counter = counters.find((each) => this.#taken(each) >= each.maxCalls);
      if (counter !== undefined) return { outcome: "budget-spent", counter };
      if (use !== undefined) {
        const isSame = use.operators.every(({ name, revision }) => this.#operators.get(name)?.revision === revision);
        const stored = this.#approvals.get(use.approval.request.id);
        if (!isSame || stored?.revision !== use.approval.revision) return { outcome: "approval-changed" };
        this.#commit({ tasks: [], grants: [], approvals: [use.approval] });
      }
      this.#calls.set(callId, { taskId, server, tool });
      for (const each of counters) this.#counts.set(keyOf(each), { ...each, calls: this.#taken(each) + 1 });
      return { outcome: "taken", repeated: false };
    },
    spent: async (id) => {
      const ids = new Set(this.#subtree(id).map((task) => task.id));
      const calls = [...this.#calls.values()].filter(({ taskId }) => ids.has(taskId));
      const byTool = Map.groupBy(calls, ({ server, tool }) => `${server} ${tool}`);
      return [...byTool.values()].flatMap(([call, ...more]) =>
        call === undefined ? [] : { server: call.server, tool: call.tool, calls: more.length + 1 },
      );
    },
  };

  readonly profiles: ProfileStore = {
    create: async (profile) => {
      if (this.#profiles.has(profile.name)) return { outcome: "conflict" };
      return { outcome: "written", value: this.#setProfile(profile) };
    },
    get: async (name) => this.#profiles.get(name),
    list: async () => [...this.#profiles.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    replace: async (next) => {
      const stored = this.#profiles.get(next.name);
      if (stored?.revision !== next.revision) return { outcome: "changed" };
      return { outcome: "written", value: this.#setProfile({ ...next, state: stored.state }) };
    },
    change: async ({ name, revision }, state, at) => {
      const stored = this.#profiles.get(name);
      if (stored?.revision !== revision) return { outcome: "changed" };
      if (stored.state === "retired" || stored.state === state)
        throw new TaskError("ILLEGAL_TRANSITION", `agent ${name} is ${stored.state}`);
      const tops = [...this.#tasks.values()].filter(({ agent }) => agent === name);
      const tasks = [...new Set(tops.flatMap(({ id }) => this.#subtree(id)))];
      const events: Readonly<Record<typeof state, SubtreeEvent>> = {
        suspended: { event: "suspend" },
        active: { event: "resume", at },
        retired: { event: "end", reason: "revoked", at },
      };
      const changed = this.#commit(changeAgentTasks(name, this.#holdings(tasks), events[state]));
      return { outcome: "written", value: { profile: this.#setProfile({ ...stored, state }), changed } };
    },
  };

  readonly operators: OperatorStore = {
    create: async (operator) => {
      if (this.#operators.has(operator.name)) return { outcome: "conflict" };
      return this.#setOperator(operator);
    },
    get: async (name) => this.#operators.get(name),
    list: async () => [...this.#operators.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    replace: async (next) => {
      const stored = this.#operators.get(next.name);
      if (stored?.revision !== next.revision || stored.state === "removed") return { outcome: "changed" };
      return this.#setOperator(next);
    },
  };

  #isAlive(id: TaskId, at: Date): boolean {
    const task = this.#tasks.get(id);
    return task?.state === "active" && at < task.notAfter;
  }

  #known(id: TaskId): Task {
    const task = this.#tasks.get(id);
    if (task === undefined) throw new TaskError("TASK_UNKNOWN", `no task ${id}`);
    return task;
  }

  #grant(id: string): Grant {
    const grant = this.#grants.get(id);
    if (grant === undefined) throw new TaskError("GRANT_UNKNOWN", `no grant ${id}`);
    return grant;
  }

  #forget(id: TaskId): void {
    this.#tasks.delete(id);
    this.#identities.delete(id);
    this.#endedAt.delete(id);
    for (const map of [this.#tickets, this.#grants, this.#calls, this.#counts])
      for (const [key, { taskId }] of map) if (taskId === id) map.delete(key);
    for (const [key, { request }] of this.#approvals) if (request.taskId === id) this.#approvals.delete(key);
  }

  #subtree(top: TaskId): readonly Task[] {
    const ids = new Set<string>([top]);
    for (const { id, parentId } of this.#tasks.values()) if (parentId !== undefined && ids.has(parentId)) ids.add(id);
    return [...this.#tasks.values()].filter(({ id }) => ids.has(id));
  }

  #holdings(tasks: readonly Task[]): Holdings {
    return { tasks, grants: [...this.#grants.values()], approvals: [...this.#approvals.values()] };
  }

  #change(top: Task, event: SubtreeEvent): CommittedHoldings {
    return this.#commit(changeSubtree(top, this.#holdings(this.#subtree(top.id)), event));
  }

  #commit({ tasks, grants, approvals }: Holdings): CommittedHoldings {
    if (tasks.length + grants.length + approvals.length > 0) this.#revision++;
    const revision = this.#revision;
    const written = {
      revision,
      tasks: tasks.map((each) => ({ ...each, revision })),
      grants: grants.map((each) => ({ ...each, revision })),
      approvals: approvals.map((each) => ({ ...each, revision })),
    };
    for (const each of written.tasks) this.#tasks.set(each.id, each);
    for (const each of written.grants) this.#grants.set(each.id, each);
    for (const each of written.approvals) this.#approvals.set(each.request.id, each);
    return written;
  }

  #step(id: string, event: GrantEvent): Grant {
    const next = { ...nextGrant(this.#grant(id), event), revision: ++this.#revision };
    this.#grants.set(id, next);
    return next;
  }

  #taken(counter: BudgetCounter): number {
    return this.#counts.get(keyOf(counter))?.calls ?? 0;
  }

  #setProfile(profile: AgentProfile): AgentProfile {
    const stored = { ...profile, revision: ++this.#revision };
    this.#profiles.set(profile.name, stored);
    return stored;
  }

  #setOperator(operator: Operator): { outcome: "written"; value: Operator } | { outcome: "conflict" } {
    if (findConflict(operator, [...this.#operators.values()]) !== undefined) return { outcome: "conflict" };
    const value = { ...operator, revision: ++this.#revision };
    this.#operators.set(operator.name, value);
    return { outcome: "written", value };
  }
}

const keyOf = ({ taskId, server, tool }: BudgetCounter): string => `${taskId} ${server} ${tool}`;

function entryOf(identity: TaskIdentity): RegistrationEntry {
  return {
    id: identity.entryId,
    spiffeId: identity.spiffeId,
    parentId: identity.parentId,
    selectors: identity.selectors.map((text) => {
      const colon = text.indexOf(":");
      return { type: text.slice(0, colon), value: text.slice(colon + 1) };
    }),
    x509SvidTtl: identity.x509SvidTtlSeconds,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    expiresAt: Math.floor(identity.notAfter.getTime() / 1000),
    dnsNames: [],
    revisionNumber: 0,
    storeSvid: false,
    hint: "",
    createdAt: 0,
  };
}
