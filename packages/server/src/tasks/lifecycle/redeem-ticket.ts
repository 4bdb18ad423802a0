// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { AttestedNode } from "@mayfly/registration";
import { TrustDomain } from "@mayfly/spiffe";
import { type Task, taskSpiffeId } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";
import { hashTicket } from "./create-task.ts";

const maxTicketLength = 128;
const maxSelectors = 256;
/** The process becomes the agent's program only after it is bound: these it has to have whenever it asks for its identity. */
const changedByExec = ["unix:path:", "unix:sha256:"];

/** What a redeemed ticket gives. */
export interface Redeemed {
  readonly task: Task;
  readonly spiffeId: string;
}

/**
 * Spends a ticket for a process of an agent. The agent must be one that serves the task's identity, and the process must have all
 * selectors of the profile that it keeps when it becomes another program; the ticket is spent either way. Every refusal looks the same.
 * @throws {StatusError} INVALID_ARGUMENT; PERMISSION_DENIED, code TICKET_REFUSED
 */
export async function redeemTicket(
  layer: TaskLayer,
  node: AttestedNode,
  { ticket, selectors }: { readonly ticket: string; readonly selectors: readonly string[] },
): Promise<Redeemed> {
  if (ticket === "" || ticket.length > maxTicketLength) throw invalidArgument("malformed ticket");
  if (selectors.length > maxSelectors) throw invalidArgument(`more than ${String(maxSelectors)} selectors`);
  const redeemed = await layer.stores.tickets.redeem(hashTicket(ticket), node.id, layer.clock.now());
  const task = redeemed.outcome === "redeemed" ? redeemed.task : undefined;
  const problem =
    task === undefined
      ? "unknown, spent, expired or of no active task"
      : await misfit(layer, node, { task, selectors });
  await layer.recorder.event({
    kind: "task",
    actor: node.id,
    ...(task && { task: task.id }),
    decision: problem === undefined ? "allow" : "deny",
    body: { act: "redeem-ticket", ...(problem !== undefined && { problem }) },
  });
  if (task === undefined || problem !== undefined) throw refused();
  const spiffeId = taskSpiffeId(TrustDomain.parse(layer.trustDomain), task.agent, task.id).toString();
  return { task, spiffeId };
}

async function misfit(
  { authorized }: TaskLayer,
  node: AttestedNode,
  { task, selectors }: { readonly task: Task; readonly selectors: readonly string[] },
): Promise<string | undefined> {
  const entry = await authorized.find(node, task.id);
  if (entry === undefined) return "the agent does not serve the task's identity";
  const shown = new Set(selectors);
  const wanted = entry.selectors.map(({ type, value }) => `${type}:${value}`);
  const own = `task:id:${task.id}`;
  const comesLater = (selector: string): boolean => changedByExec.some((kind) => selector.startsWith(kind));
  const isFit = wanted.every((selector) => selector === own || comesLater(selector) || shown.has(selector));
  return isFit ? undefined : "the process does not have the selectors of the profile";
}

function refused(): Error {
  return taskRefusal(status.PERMISSION_DENIED, {
    code: "TICKET_REFUSED",
    message: "the ticket is not good here",
    hint: "a ticket is good once, on the task's node, for a process that has the profile's selectors",
  });
}
