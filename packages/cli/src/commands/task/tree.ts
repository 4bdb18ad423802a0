// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { TaskMessage } from "@mayfly/rpc";
import { instantText } from "../../instants.ts";
import { type OutputFormat, printJson, printLine } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { stateText, taskJson } from "./print.ts";
import { type FoundTask, findTask } from "./show.ts";

interface TreeNode {
  readonly task: TaskMessage;
  readonly live: number;
  readonly children: readonly TreeNode[];
}

function nodeOf(task: TaskMessage, found: FoundTask): TreeNode {
  const { descendants, grants } = found;
  const children = descendants.filter((each) => each.parent_id === task.id);
  return {
    task,
    live: grants.filter((each) => each.task_id === task.id && each.state !== "gone").length,
    children: children.map((each) => nodeOf(each, found)),
  };
}

function nodeJson({ task, live, children }: TreeNode): Record<string, unknown> {
  return { ...taskJson(task), open_grants: live, children: children.map(nodeJson) };
}

function printNode({ task, live, children }: TreeNode, lead = "", below = ""): void {
  const facts = [task.agent, task.tier, stateText(task), `ends ${instantText(task.not_after_ms)}`];
  printLine(`${lead}${task.id}  ${facts.join("  ")}  ${String(live)} open ${live === 1 ? "grant" : "grants"}`);
  for (const [index, child] of children.entries()) {
    const isLast = index === children.length - 1;
    printNode(child, `${below}${isLast ? "└─ " : "├─ "}`, `${below}${isLast ? "   " : "│  "}`);
  }
}

function printTree(tree: TreeNode, format: OutputFormat): void {
  if (format === "json") printJson(nodeJson(tree));
  else printNode(tree);
}

/** `mayfly task tree`: who delegated to whom, and what is still held where. */
export function taskTree(): Command {
  const command = new Command("tree")
    .description("print a task and all below it as a tree")
    .argument("<task-id>", "id of the task at the top");
  const example = "mayfly task tree t-qx3mzv5k2j7ahwbn";
  return operatorCommand(command, example, async (server, { format, argument }) => {
    const found = await findTask(server, String(argument));
    printTree(nodeOf(found.task, found), format);
  });
}
