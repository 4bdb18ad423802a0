// SPDX-License-Identifier: Apache-2.0
import { reasonOf, workloadApiService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  nextOf,
  openWorkload,
  refusalOf,
  startTestAgent,
  TestDirectory,
  TestServer,
  TestSystem,
  timed,
  watchX509,
} from "./system.ts";

const audience = ["test"];

describe("a caller without an identity", () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await TestSystem.start();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  it("gets its identity on the first call when its entry appears while it waits", async () => {
    using channel = system.openWorkload();
    const first = nextOf(watchX509(channel));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const id = await system.createEntry("/late");
    const { value, ms } = await timed(first);
    expect(value.svids.map(({ spiffe_id }) => spiffe_id)).toEqual(["spiffe://example.org/late"]);
    expect(ms).toBeLessThan(1000);
    await system.server.deleteEntry(id);
  });

  it("WAP-D09, ENDPOINT-13: is refused after the hold with 7, the text that clients know, and a reason that names no other entry", async () => {
    const other = await system.createEntry("/secret-other", { selectors: [{ type: "unix", value: "uid:4000000" }] });
    using channel = system.openWorkload();
    const { value, ms } = await timed(refusalOf(nextOf(watchX509(channel))));
    expect(value.code).toBe(7);
    expect(value.message).toBe("no identity issued");
    expect(reasonOf(value)?.code).toBe("NO_MATCHING_ENTRY");
    expect(JSON.stringify(reasonOf(value))).not.toMatch(/secret-other|4000000/);
    expect(ms).toBeGreaterThan(1500);
    expect(ms).toBeLessThan(4000);
    await system.server.deleteEntry(other);
  });

  it("is refused at once by a unary call", async () => {
    using channel = system.openWorkload();
    const call = channel.unary(workloadApiService.methods.FetchJWTSVID, { audience });
    const { value, ms } = await timed(refusalOf(call));
    expect([value.code, value.message]).toEqual([7, "no identity issued"]);
    expect(ms).toBeLessThan(1000);
  });
});

describe("an agent that does not know what its server says", () => {
  it("ENDPOINT-12, WLAPI-15: holds calls and then answers 14, never 7", async () => {
    using directory = new TestDirectory();
    const server = await TestServer.start(directory);
    const enrolment = directory.secret("enrolment", await server.enrolment());
    await server[Symbol.asyncDispose]();
    await using agent = await startTestAgent(directory, { enrolment });
    using channel = openWorkload(agent.socketPath);
    const [stream, unary] = await Promise.all([
      timed(refusalOf(nextOf(watchX509(channel)))),
      timed(refusalOf(channel.unary(workloadApiService.methods.FetchJWTSVID, { audience }))),
    ]);
    for (const { value, ms } of [stream, unary]) {
      expect(value.code).toBe(14);
      expect(reasonOf(value)?.code).toBe("NOT_SYNCED");
      expect(ms).toBeGreaterThan(3000);
    }
  });
});
