// SPDX-License-Identifier: Apache-2.0
import { equal, match, ok } from "node:assert/strict";
import type { DemoWorld } from "../world/demo-world.ts";
import type { Attack } from "./attack.ts";
import { runAs } from "./run-as.ts";

const svidTtl = "5s";

/** A tool server keeps key, certificate and TLS session past the end of its SVID, and comes back to the broker with them. */
export const expiredSession: Attack = {
  name: "an SVID that has expired, over a TLS session that is resumed",
  control: "no session is resumed, and each handshake holds the certificate against the clock",
  async run(world) {
    const { ids, ports } = world.parts;
    // So that nobody has to wait for minutes.
    world.server.createEntry(
      "/tools/archive",
      world.agent.id,
      selectorsOf(world),
      "--x509-svid-ttl",
      svidTtl,
      "--wait",
    );
    const logged = world.broker.log.length;
    const order = { spiffe_id: ids.archive, host: "127.0.0.1", port: ports.broker };
    const { before, after, hasSession, isResumed } = await runAs(world, "archive", {
      program: "resume-session.ts",
      order,
    });
    match(String(before), /UNKNOWN_LEASE/, "the identity was of no use before, either");
    equal(after, "", `the broker answered: ${String(after)}`);
    const code = /peer_refused.*"code":"(EXPIRED|RESUMED)"/.exec(world.broker.log.slice(logged))?.[1];
    ok(code !== undefined, `refused for another reason: ${world.broker.log.slice(logged)}`);
    const given = hasSession === true ? "the session that it had given" : "a session, of which it gave none";
    return `${code} in the broker's log, which ${isResumed === true ? "resumed" : "did not resume"} ${given}`;
  },
};

/** More than the tool server's own: an entry beside it. */
function selectorsOf(world: DemoWorld): readonly string[] {
  const gid = world.account("archive").user?.gid ?? process.getgid?.() ?? 0;
  return [...world.account("archive").selectors, `unix:gid:${String(gid)}`];
}
