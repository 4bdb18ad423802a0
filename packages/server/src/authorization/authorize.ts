// SPDX-License-Identifier: Apache-2.0
import { type EntryStore, isExpired, type RegistrationEntry } from "@mayfly/registration";
import type { Clock } from "../clock.ts";
import type { Connection, PeerIdentity } from "../transport/connection.ts";
import type { LiveViews } from "../views/live-views.ts";
import type { AgentCheck, AgentDenial } from "./agent-check.ts";
import type { Caller } from "./caller.ts";
import type { TaskCallers } from "./task-callers.ts";
import { type MethodRule, methodTable } from "./method-table.ts";

/** The outcome for one call. */
export type Authorization =
  | { readonly allowed: true; readonly caller: Caller; readonly byAgent: boolean }
  | { readonly allowed: false; readonly denial: AgentDenial | undefined };

/** Decides by the method table who may make a call. */
export class Authorizer {
  readonly #adminIds: ReadonlySet<string>;
  readonly #entries: EntryStore;
  readonly #views: LiveViews;
  readonly #agents: AgentCheck;
  readonly #taskCallers: TaskCallers;
  readonly #clock: Clock;

  constructor(deps: {
    adminIds: readonly string[];
    entries: EntryStore;
    views: LiveViews;
    agents: AgentCheck;
    taskCallers: TaskCallers;
    clock: Clock;
  }) {
    this.#adminIds = new Set(deps.adminIds);
    this.#entries = deps.entries;
    this.#views = deps.views;
    this.#agents = deps.agents;
    this.#taskCallers = deps.taskCallers;
    this.#clock = deps.clock;
  }

  /** @throws when a store that must be asked can't be read */
  async authorize(path: string, connection: Connection): Promise<Authorization> {
    const rule = methodTable.get(path);
    const { identity } = connection;
    const local = connection.kind === "local";
    const caller: Caller = { local, identity, node: undefined };
    const yes: Authorization = { allowed: true, caller, byAgent: false };
    if (rule === undefined) return { allowed: false, denial: undefined };
    if (rule.allow.includes("any") || (local && rule.allow.includes("local"))) return yes;
    if (identity === undefined) return { allowed: false, denial: undefined };
    // An operator's rights end with the certificate, not with the connection.
    if (this.#clock.now() <= identity.notAfter) {
      const isAdmin = rule.allow.includes("admin") && this.#adminIds.has(identity.id);
      const entry = isAdmin ? undefined : await this.#entryWithRight(rule, identity);
      const known = await this.#taskCallers.find(rule.allow, identity);
      if (isAdmin) return { ...yes, caller: { ...caller, ...known, admin: true } };
      if (entry !== undefined) return { ...yes, caller: { ...caller, ...known, entry, admin: entry.admin } };
      if (known !== undefined) return { ...yes, caller: { ...caller, ...known } };
    }
    if (!rule.allow.includes("agent")) return { allowed: false, denial: undefined };
    const verdict = await this.#agents.check(identity);
    if ("denial" in verdict) return { allowed: false, denial: verdict.denial };
    return { allowed: true, caller: { ...caller, node: verdict.node }, byAgent: true };
  }

  /** The caller's first entry that gives the right. */
  async #entryWithRight({ allow }: MethodRule, { id }: PeerIdentity): Promise<RegistrationEntry | undefined> {
    const admin = allow.includes("admin");
    const downstream = allow.includes("downstream");
    if (!admin && !downstream) return undefined;
    const grants = (entry: RegistrationEntry): boolean =>
      !isExpired(entry, this.#clock.now()) && ((admin && entry.admin) || (downstream && entry.downstream));
    const known = this.#views.isFresh() ? this.#views.entriesOf(id).find(grants) : undefined;
    if (known !== undefined) return known;
    const { items } = await this.#entries.list({ spiffeId: id }, { pageSize: 0 });
    return items.find(grants);
  }

  /** Whether the identity is an operator's by configuration or by what memory knows of entries. */
  isOperator({ id }: PeerIdentity): boolean {
    return this.#adminIds.has(id) || this.#views.entriesOf(id).some(({ admin }) => admin);
  }
}
