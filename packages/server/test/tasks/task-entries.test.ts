// SPDX-License-Identifier: Apache-2.0
import { type EntryMessage, entryService, type Sent, type StatusMessage } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idOf } from "../server-under-test.ts";
import { TaskWorld } from "./task-world.ts";

const failedPrecondition = 9;
const { BatchCreateEntry, BatchUpdateEntry, BatchDeleteEntry, GetEntry } = entryService.methods;

describe("entries of tasks in the entry API", () => {
  let world: TaskWorld;
  let task: Awaited<ReturnType<TaskWorld["startTask"]>>;

  beforeAll(async () => {
    world = await TaskWorld.start();
    task = await world.startTask();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  const workload = (fields: Sent<EntryMessage> = {}): Sent<EntryMessage> => ({
    spiffe_id: idOf("/workload"),
    parent_id: world.node.id,
    selectors: [{ type: "unix", value: "uid:77" }],
    ...fields,
  });
  const statusOf = ({ results }: { results: readonly { status: StatusMessage | null }[] }): unknown =>
    results[0]?.status;
  const create = async (fields: Sent<EntryMessage>): Promise<unknown> =>
    statusOf(await world.admin.unary(BatchCreateEntry, { entries: [workload(fields)] }));
  const refused = (text: string): unknown => ({ code: failedPrecondition, message: expect.stringContaining(text) });
  const read = async (): Promise<unknown> => await world.admin.unary(GetEntry, { id: task.entry_id });

  it("can be neither changed nor deleted: the refusal tells the task", async () => {
    const before = await read();
    const text = `TASK_IDENTITY: this entry is the identity of task ${task.id}; end, suspend or resume`;
    const update = { entries: [{ id: task.entry_id, hint: "mine" }], input_mask: { hint: true } };
    expect(statusOf(await world.admin.unary(BatchUpdateEntry, update))).toMatchObject(refused(text) as object);
    const { results } = await world.admin.unary(BatchDeleteEntry, { ids: [task.entry_id] });
    expect(results).toMatchObject([{ id: task.entry_id, status: refused(text) }]);
    expect(await read()).toEqual(before);
  });

  it("are not written by hand, by id, path or selector, and no other entry becomes one", async () => {
    const path = new URL(task.spiffe_id).pathname;
    const selectors = [{ type: "task", value: `id:${task.id}` }];
    expect(await create({ id: task.id })).toMatchObject(refused("TASK_IDENTITY") as object);
    expect(await create({ spiffe_id: idOf(path) })).toMatchObject(refused("TASK_IDENTITY") as object);
    expect(await create({ selectors })).toMatchObject(refused("TASK_IDENTITY") as object);
    const { id } = await world.under.entry(workload());
    for (const [fields, mask] of [
      [{ spiffe_id: idOf(path) }, { spiffe_id: true }],
      [{ selectors }, { selectors: true }],
    ] as const) {
      const update = { entries: [{ id, ...fields }], input_mask: mask };
      expect(statusOf(await world.admin.unary(BatchUpdateEntry, update))).toMatchObject(
        refused("TASK_IDENTITY") as object,
      );
    }
    const { results } = await world.admin.unary(BatchDeleteEntry, { ids: [id] });
    expect(results).toMatchObject([{ status: { code: 0 } }]);
  });
});
