// SPDX-License-Identifier: Apache-2.0
import {
  type AgentProfile,
  changeAgentTasks,
  type CommittedHoldings,
  type ProfileState,
  type SubtreeEvent,
  TaskError,
  type WriteOutcome,
} from "@mayfly/tasks";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { findSubtrees } from "../tasks/find-tasks.ts";
import { readHoldings, writeHoldings } from "../tasks/holdings.ts";
import { findProfile, toColumns } from "./profile-rows.ts";

export function create(tx: WriteTransaction, profile: AgentProfile): WriteOutcome<AgentProfile> {
  if (findProfile(tx.db, profile.name) !== undefined) return { outcome: "conflict" };
  const value = { ...profile, revision: tx.takeRevision() };
  tx.db.run(tx.db.build.insertInto("profiles").values(toColumns(value)));
  return { outcome: "written", value };
}

export function replace(tx: WriteTransaction, next: AgentProfile): WriteOutcome<AgentProfile> {
  const stored = findProfile(tx.db, next.name);
  if (stored?.revision !== next.revision) return { outcome: "changed" };
  return { outcome: "written", value: write(tx, { ...next, state: stored.state }) };
}

interface Change {
  readonly name: string;
  readonly revision: number;
  readonly state: ProfileState;
  readonly at: Date;
}

export function change(
  tx: WriteTransaction,
  { name, revision, state, at }: Change,
): WriteOutcome<{ readonly profile: AgentProfile; readonly changed: CommittedHoldings }> {
  const stored = findProfile(tx.db, name);
  if (stored?.revision !== revision) return { outcome: "changed" };
  if (stored.state === "retired" || stored.state === state) {
    throw new TaskError("ILLEGAL_TRANSITION", `agent ${name} is ${stored.state}: not ${state} now`);
  }
  const profile = write(tx, { ...stored, state });
  const before = readHoldings(tx, findSubtrees(tx.db, livingTasks(tx, name)));
  const changed = writeHoldings(tx, changeAgentTasks(name, before, eventOf(state, at)), at);
  return { outcome: "written", value: { profile, changed } };
}

function eventOf(state: ProfileState, at: Date): SubtreeEvent {
  const events: Readonly<Record<ProfileState, SubtreeEvent>> = {
    suspended: { event: "suspend" },
    active: { event: "resume", at },
    retired: { event: "end", reason: "revoked", at },
  };
  return events[state];
}

/** Below a task that is over, all are over. */
function livingTasks({ db }: WriteTransaction, agent: string): readonly string[] {
  const query = db.build
    .selectFrom("tasks")
    .select("id")
    .where("agent", "=", agent)
    .where("state", "in", ["proposed", "active", "suspended"]);
  return db.all(query).map(({ id }) => id);
}

function write(tx: WriteTransaction, profile: AgentProfile): AgentProfile {
  const value = { ...profile, revision: tx.takeRevision() };
  tx.db.run(tx.db.build.updateTable("profiles").set(toColumns(value)).where("name", "=", value.name));
  return value;
}
