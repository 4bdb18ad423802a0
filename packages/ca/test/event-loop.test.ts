// SPDX-License-Identifier: Apache-2.0
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newSpki, openTestService, requestFor } from "./support/test-service.ts";

describe("signing a lot at once", () => {
  it("gives the event loop back every millisecond or two, and answers others meanwhile", async () => {
    const { service } = await openTestService();
    const spki = newSpki();
    const many = Array.from({ length: 3000 }, (_, index) => requestFor(`many/${index}`, { spki }));
    let manyDone = false;
    const large = service.signer.issueX509(many).then((issued) => {
      manyDone = true;
      return issued;
    });
    const small = service.signer.issueX509([requestFor("one")]).then(() => manyDone);

    const turns: number[] = [];
    const isDone = (): boolean => manyDone;
    while (!isDone()) {
      const before = process.threadCpuUsage();
      await nextTurn();
      const { user, system } = process.threadCpuUsage(before);
      turns.push((user + system) / 1000);
    }
    expect(await large).toHaveLength(3000);
    expect(await small).toBe(false);
    turns.sort((a, b) => a - b);
    // CPU time of this thread, so that a busy machine does not count; compiling and collecting garbage do.
    expect(turns[Math.floor(turns.length / 2)]).toBeLessThan(2.5);
    expect(turns[Math.floor(turns.length * 0.98)]).toBeLessThan(12);
  });
});
