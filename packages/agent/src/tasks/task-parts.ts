// SPDX-License-Identifier: Apache-2.0
import { BindingsKeeper } from "./bindings-keeper.ts";
import { OpenStreams } from "./open-streams.ts";
import { Silence } from "./silence.ts";
import { StandingTable } from "./standing-table.ts";
import { TaskBindings } from "./task-bindings.ts";
import { TaskCuts, type TaskCutsDeps } from "./task-cuts.ts";
import { TaskGuard, type TaskGuardDeps } from "./task-guard.ts";

/** What of an agent is about tasks. */
export interface TaskParts {
  readonly table: StandingTable;
  readonly bindings: TaskBindings;
  readonly keeper: BindingsKeeper;
  readonly streams: OpenStreams;
  readonly guard: TaskGuard;
}

type Surroundings = Pick<TaskCutsDeps, "held" | "svids" | "tokens" | "log"> &
  Pick<TaskGuardDeps, "standing" | "channel" | "clock"> & {
    /** Where bindings are kept over a restart. */
    readonly bindingsFile: string;
  };

/** Puts them together; nothing runs yet. */
export function createTaskParts(surroundings: Surroundings): TaskParts {
  const silence = new Silence();
  const table = new StandingTable(silence);
  const bindings = new TaskBindings(table);
  const { bindingsFile: path, standing, clock, log } = surroundings;
  const keeper = new BindingsKeeper({ path, bindings, agentId: () => standing.svid?.id, clock, log });
  const streams = new OpenStreams();
  const cuts = new TaskCuts({ ...surroundings, bindings, streams });
  const guard = new TaskGuard({ ...surroundings, table, bindings, keeper, silence, cuts });
  return { table, bindings, keeper, streams, guard };
}
