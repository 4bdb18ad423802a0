// SPDX-License-Identifier: Apache-2.0
import { permissionDeniedDetail, type PermissionDeniedReason, StatusError } from "@mayfly/rpc";
import { describe, expect, it } from "vitest";
import { type AgentSvid, createAgentKey } from "./agent-svid.ts";
import { asIdentityLost, dueAt } from "./renewal.ts";

const end = new Date("2027-01-31T12:00:00Z");
const before = new Date(end.getTime() - 60_000);

function svidOf(canReattest: boolean): AgentSvid {
  const notBefore = new Date(end.getTime() - 3_600_000);
  const id = "spiffe://example.org/spire/agent/join_token/1";
  return {
    id,
    chain: [],
    privateKey: createAgentKey(),
    notBefore,
    notAfter: end,
    authorityKeyId: undefined,
    canReattest,
  };
}

function refusal(reason: PermissionDeniedReason): StatusError {
  return new StatusError(7, "agent is not authorized", [permissionDeniedDetail(reason)]);
}

describe("what a server says of the agent's SVID", () => {
  it.each(["AGENT_BANNED", "AGENT_NOT_ATTESTED", "AGENT_NOT_ACTIVE"] as const)("%s: it is lost", (reason) => {
    expect(asIdentityLost(refusal(reason), svidOf(false), before)?.reason).toBe(reason);
  });

  it("without a reason it is not lost, whatever the code", () => {
    expect(asIdentityLost(new StatusError(7, "agent is banned"), svidOf(false), before)).toBeUndefined();
    expect(asIdentityLost(refusal("UNKNOWN"), svidOf(false), before)).toBeUndefined();
  });

  it("AGENT_EXPIRED before its time: a node with nothing to attest again with keeps it", () => {
    expect(asIdentityLost(refusal("AGENT_EXPIRED"), svidOf(false), before)).toBeUndefined();
    expect(asIdentityLost(refusal("AGENT_EXPIRED"), svidOf(true), before)?.reason).toBe("AGENT_EXPIRED");
    expect(asIdentityLost(refusal("AGENT_EXPIRED"), svidOf(false), end)?.reason).toBe("AGENT_EXPIRED");
  });
});

describe("renewal", () => {
  it.each([3_600, 60, 10, 1])("an SVID with %i s left is renewed at 45 to 55 %% of them, never at once", (seconds) => {
    const now = new Date(end.getTime() - seconds * 1000);
    for (let round = 0; round < 100; round++) {
      const waitSeconds = (dueAt({ notAfter: end }, now) - now.getTime()) / 1000;
      expect(waitSeconds).toBeGreaterThanOrEqual(seconds * 0.45);
      expect(waitSeconds).toBeLessThanOrEqual(seconds * 0.55);
    }
  });
});
