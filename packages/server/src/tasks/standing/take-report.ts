// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { GrantReport, GuardReport } from "@mayfly/rpc";
import { type Grant, type GrantKind, type GrantStore, isTaskId, TaskError, type TaskId } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../../clock.ts";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import { parseEvidence } from "../evidence.ts";
import { recordText } from "../record/recorder.ts";
import type { GuardState } from "./guard-state.ts";
import type { LiveTasks } from "./live-tasks.ts";

/** What reports are taken in with. */
export interface TakeReportDeps {
  readonly live: LiveTasks;
  readonly grants: GrantStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A grant is gone, with evidence. */
  readonly proven: (grant: Grant) => void;
  /** Something that is waited for may have come. */
  readonly look: () => void;
}

const maxGrants = 1000;
/** Ref that stands for all grants of a kind that the guard has of the task, those of an earlier process of it too. */
const allRefs = "*";
/** What a guard may hold on its own account; entries are the server's, leases have a service of their own. */
const ownKinds: readonly GrantKind[] = ["connection", "token-key"];

/** Takes in what a guard says that it did about a task. A guard speaks for its own grants only. @throws {StatusError} INVALID_ARGUMENT */
export async function takeReport(deps: TakeReportDeps, guard: GuardState, report: GuardReport): Promise<void> {
  const { task_id: taskId, grants, done } = report;
  if (!isTaskId(taskId)) throw invalidArgument("malformed task ID");
  if (grants.length > maxGrants) throw invalidArgument(`more than ${String(maxGrants)} grants`);
  const held = grants.length === 0 ? [] : await deps.grants.list([taskId]);
  // What is told of by itself has evidence of its own.
  const single = grants.filter(({ ref }) => ref !== allRefs);
  await Promise.all(single.map((each) => takeGrant(deps, guard, { taskId, each, held })));
  const others = held.filter(({ guard: by, ref }) => by === guard.id && !single.some((each) => each.ref === ref));
  for (const each of grants.filter(({ ref }) => ref === allRefs)) {
    const meant = others.filter(({ kind }) => kind === each.kind);
    const words = meant.map(({ id, ref }) => ({ ...each, grant_id: id, ref }));
    await Promise.all(words.map((word) => takeGrant(deps, guard, { taskId, each: word, held })));
  }
  if (done) guard.finish(taskId, Number(report.revision));
  deps.look();
}

async function takeGrant(
  deps: TakeReportDeps,
  guard: GuardState,
  { taskId, each, held }: { readonly taskId: TaskId; readonly each: GrantReport; readonly held: readonly Grant[] },
): Promise<void> {
  const own = held.filter((grant) => grant.guard === guard.id);
  const known = own.find(({ id, kind, ref }) =>
    each.grant_id === "" ? kind === each.kind && ref === each.ref : id === each.grant_id,
  );
  try {
    if (known !== undefined) await step(deps, guard, { known, each });
    else await open(deps, guard, { taskId, each });
  } catch (error) {
    // Late or repeated words: what is stored stays.
    if (!(error instanceof TaskError)) throw error;
    deps.logger.debug("guard_report_passed_over", { guard: guard.id, task: taskId, code: error.code });
  }
}

async function step(
  { grants, clock, proven }: TakeReportDeps,
  guard: GuardState,
  { known, each }: { readonly known: Grant; readonly each: GrantReport },
): Promise<void> {
  if (known.state === "gone") return;
  const evidence = parseEvidence(each.evidence_json, { by: guard.id, now: clock.now() });
  if (each.gone && evidence !== undefined) proven(await grants.prove(known.id, evidence));
  else if (each.problem !== "" && known.state === "ending") await grants.resist(known.id, recordText(each.problem));
}

/** A grant of the guard's own that the server did not know: a connection that was accepted, or one that is cut already. */
async function open(
  { live, grants, clock, proven, logger }: TakeReportDeps,
  guard: GuardState,
  { taskId, each }: { readonly taskId: TaskId; readonly each: GrantReport },
): Promise<void> {
  const kind = ownKinds.find((own) => own === each.kind);
  const task = live.get(taskId);
  if (kind === undefined || task === undefined) {
    logger.warn("guard_report_unknown", { guard: guard.id, task: taskId, kind: each.kind });
    return;
  }
  if (each.ref === "" || each.ref.length > 256) throw invalidArgument("malformed ref of a grant");
  const id = grantId(guard.id, taskId, each);
  const grant: Grant = {
    id,
    taskId,
    kind,
    guard: guard.id,
    ref: recordText(each.ref),
    notAfter: task.notAfter,
    renewable: false,
    state: "live",
    revision: 0,
  };
  const evidence = each.gone ? parseEvidence(each.evidence_json, { by: guard.id, now: clock.now() }) : undefined;
  if (!each.gone) await grants.open(grant, clock.now());
  // What was opened and cut before it was told of is evidence all the same.
  else if (evidence !== undefined) proven({ ...grant, state: "gone", evidence });
}

/** The same for each repetition. */
function grantId(guardId: string, taskId: TaskId, { grant_id: given, kind, ref }: GrantReport): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/.test(given)) return given;
  const digest = createHash("sha256")
    .update(JSON.stringify([guardId, taskId, kind, ref]))
    .digest("hex");
  return `g-${digest.slice(0, 32)}`;
}
