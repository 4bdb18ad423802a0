// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { taskChange, taskChanges } from "../commands/task/change.ts";
import { taskDelegate } from "../commands/task/delegate.ts";
import { taskEnd } from "../commands/task/end.ts";
import { taskExec } from "../commands/task/exec.ts";
import { taskList } from "../commands/task/list.ts";
import { taskShow } from "../commands/task/show.ts";
import { taskStart } from "../commands/task/start.ts";
import { taskTree } from "../commands/task/tree.ts";
import { noun } from "./noun.ts";

/** `mayfly task …`. */
export function taskNoun(): Command {
  return noun(
    "task",
    ["tasks of AI agents", "mayfly task list --state active"],
    [
      taskStart(),
      taskExec(),
      taskDelegate(),
      taskList(),
      taskShow(),
      taskTree(),
      ...taskChanges.map(taskChange),
      taskEnd(),
    ],
  );
}
