// SPDX-License-Identifier: Apache-2.0
import { expectCode } from "@mayfly/testkit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Approval,
  type ApprovalEvent,
  type ApprovalFacts,
  type ApprovalState,
  type ApprovedCall,
  decideApproval,
  nextApproval,
  type Operator,
  spendApproval,
} from "../src/index.ts";
import { approval, later, now, type Person, person, task } from "./samples.ts";

const dana = person("dana", { aliases: ["Dana@Example.org"], spiffeIds: ["spiffe://example.org/user/dana"] });
const lee = person("lee");
const mia = person("mia");
const kim = person("kim");
const own = task();
const operators = [dana, lee, mia].map(({ operator }) => operator);
const facts: ApprovalFacts = { operators, lineage: [own] };

function withOperator(name: string, fields: Partial<Operator>): ApprovalFacts {
  return { ...facts, operators: operators.map((each) => (each.name === name ? { ...each, ...fields } : each)) };
}

function callOf({ request }: Approval, fields: Partial<ApprovedCall> = {}): ApprovedCall {
  const { taskId, server, tool, argumentsDigest, policyDigest } = request;
  return { callId: "c-1", taskId, server, tool, argumentsDigest, policyDigest, at: now, ...fields };
}

const approvedBy = (asked: Approval, ...people: Person[]): Approval =>
  people.reduce((current, each) => decideApproval(current, each.vote(asked.request), facts), asked);

describe("an approval", () => {
  it("is asked for, given by somebody else and used once (positive control)", () => {
    const approved = approvedBy(approval(own), lee);
    expect(approved.state).toBe("approved");
    const use = spendApproval(approved, callOf(approved), facts);
    expect(use.approval).toMatchObject({ state: "consumed", consumedBy: "c-1", revision: approved.revision });
    expect(use.operators).toEqual([{ name: "lee", revision: 0 }]);
  });

  it.each([
    ["their name", "dana"],
    ["their name in capitals", "DANA"],
    ["an alias", "dana@example.org"],
    ["an alias in another case", "DANA@example.ORG"],
    ["full-width letters", "ｄａｎａ"],
    ["their SVID", "spiffe://example.org/user/dana"],
    ["their SVID in another case", "spiffe://EXAMPLE.org/user/Dana"],
  ])("APR-D01 is refused from the requester, known by %s", async (_, requester) => {
    const asked = approval(own, { requester, owner: "mia" });
    const other = { ...facts, lineage: [{ ...own, owner: "mia", requestedBy: "mia" }] };
    await expectCode(() => decideApproval(asked, dana.vote(asked.request), other), "APPROVER_IS_REQUESTER");
    expect(decideApproval(asked, lee.vote(asked.request), other).state).toBe("approved");
  });

  it("APR-D01 is refused from whoever started the task, and from its owner", async () => {
    const asked = approval(own);
    const startedByLee = { ...facts, lineage: [{ ...own, requestedBy: "Lee" }] };
    await expectCode(() => decideApproval(asked, lee.vote(asked.request), startedByLee), "APPROVER_IS_REQUESTER");
    const startedByLeeOwnedByDana = { ...facts, lineage: [{ ...own, requestedBy: "lee" }] };
    await expectCode(
      () => decideApproval(asked, dana.vote(asked.request), startedByLeeOwnedByDana),
      "APPROVER_IS_OWNER",
    );
  });

  it("APR-D01 is refused from whoever started or owns what the task came from", async () => {
    const root = task({ requestedBy: "lee", owner: "mia" });
    const requestedBy = `spiffe://example.org/agent/${root.agent}/task/${root.id}`;
    const child = { ...task(), parentId: root.id, rootId: root.id, depth: 1, requestedBy };
    const asked = approval(child);
    const lineage = { operators: [...operators, kim.operator], lineage: [child, root] };
    await expectCode(() => decideApproval(asked, lee.vote(asked.request), lineage), "APPROVER_IS_REQUESTER");
    await expectCode(() => decideApproval(asked, mia.vote(asked.request), lineage), "APPROVER_IS_OWNER");
    expect(decideApproval(asked, kim.vote(asked.request), lineage).state).toBe("approved");
    const withoutRoot = { ...lineage, lineage: [child] };
    await expectCode(() => decideApproval(asked, kim.vote(asked.request), withoutRoot), "TASK_NOT_ACTIVE");
    await expectCode(
      () => decideApproval(asked, kim.vote(asked.request), { ...lineage, lineage: [] }),
      "TASK_NOT_ACTIVE",
    );
  });

  it("APR-D01 is refused from a second entry that holds the requester's key", async () => {
    const second: Operator = { ...dana.operator, name: "dana2", aliases: [], spiffeIds: [] };
    const asked = approval(own);
    const vote = { ...dana.vote(asked.request), operator: "dana2" };
    const more = { ...facts, operators: [...operators, second] };
    await expectCode(() => decideApproval(asked, vote, more), "APPROVER_IS_REQUESTER");
  });

  it.each([
    ["an SVID that is nobody's", { requester: "spiffe://example.org/user/dana-laptop" }],
    ["a name that is nobody's", { requester: "d.smith" }],
    ["an owner who is nobody", { owner: "d.smith" }],
  ])("APR-D01 is refused where %s hides who asked", async (_, fields) => {
    const asked = approval(own, fields);
    await expectCode(() => decideApproval(asked, lee.vote(asked.request), facts), "PERSON_UNKNOWN");
  });

  it.each([
    ["argument", { argumentsDigest: `sha-256:${"a".repeat(63)}b` }],
    ["tool", { tool: "refund2" }],
    ["server", { server: "orders2" }],
    ["task", { taskId: "t-aaaaaaaaaaaaaaaa" }],
  ])("APR-D02 is refused when one %s was changed after it", async (_, fields) => {
    const approved = approvedBy(approval(own), lee);
    await expectCode(() => spendApproval(approved, callOf(approved, fields), facts), "CALL_CHANGED");
  });

  it("APR-D02 is refused under another policy, and when the request itself was edited after the signature", async () => {
    const approved = approvedBy(approval(own), lee);
    await expectCode(() => spendApproval(approved, callOf(approved, { policyDigest: "x" }), facts), "POLICY_CHANGED");
    const argumentsDigest = `sha-256:${"c".repeat(64)}`;
    const edited = { ...approved, request: { ...approved.request, argumentsDigest } };
    await expectCode(() => spendApproval(edited, callOf(edited), facts), "BAD_SIGNATURE");
  });

  it("APR-D02 is refused when other arguments are shown than those that are signed", async () => {
    const asked = { ...approval(own), argumentsJson: '{"amount":40}' };
    await expectCode(() => decideApproval(asked, lee.vote(asked.request), facts), "REQUEST_INVALID");
  });

  it("APR-D03 is refused the second time, also for the same call", async () => {
    const approved = approvedBy(approval(own), lee);
    const { approval: consumed } = spendApproval(approved, callOf(approved), facts);
    await expectCode(() => spendApproval(consumed, callOf(consumed), facts), "APPROVAL_CONSUMED");
    await expectCode(() => nextApproval(consumed, { event: "consume", callId: "c-1", at: now }), "ILLEGAL_TRANSITION");
  });

  it("APR-D04 is good until the last millisecond and refused at its end and after it", async () => {
    const approved = approvedBy(approval(own), lee);
    const use = (at: Date) => spendApproval(approved, callOf(approved, { at }), facts);
    expect(use(later(299.999)).approval.state).toBe("consumed");
    await expectCode(() => use(later(300)), "APPROVAL_EXPIRED");
    await expectCode(() => use(later(301)), "APPROVAL_EXPIRED");
    await expectCode(() => use(new Date(Number.NaN)), "APPROVAL_EXPIRED");
    const consume = { event: "consume", callId: "c", at: later(300) } as const;
    await expectCode(() => nextApproval(approved, consume), "APPROVAL_EXPIRED");
    const late = lee.vote(approved.request, "approve", later(300));
    await expectCode(() => decideApproval(approval(own, approved.request), late, facts), "APPROVAL_EXPIRED");
  });

  it.each([
    ["lost the role", { roles: [] }, "NOT_AN_APPROVER"],
    ["has it for other agents", { roles: [{ role: "approver", prefix: "/ir" }] }, "NOT_AN_APPROVER"],
    ["has another role", { roles: [{ role: "admin", prefix: "/" }] }, "NOT_AN_APPROVER"],
    ["was suspended", { state: "suspended" }, "OPERATOR_NOT_ACTIVE"],
    ["was removed", { state: "removed" }, "OPERATOR_NOT_ACTIVE"],
    ["lost the key", { keys: mia.operator.keys }, "BAD_SIGNATURE"],
  ] as const)("APR-D04 is refused at use when the approver %s meanwhile", async (_, fields, code) => {
    const approved = approvedBy(approval(own), lee);
    await expectCode(() => spendApproval(approved, callOf(approved), withOperator("lee", fields)), code);
    const asked = approval(own);
    await expectCode(() => decideApproval(asked, lee.vote(asked.request), withOperator("lee", fields)), code);
  });

  it("is refused when the task is not active any more, or was another", async () => {
    const approved = approvedBy(approval(own), lee);
    for (const other of [{ ...own, state: "suspended" }, { ...own, notAfter: now }, task()] as const) {
      const changed = { ...facts, lineage: [other] };
      await expectCode(() => spendApproval(approved, callOf(approved), changed), "TASK_NOT_ACTIVE");
      await expectCode(() => decideApproval(approval(own), lee.vote(approved.request), changed), "TASK_NOT_ACTIVE");
    }
  });

  it("APR-D06 is denied by a denial after the approval, for ever, also by the one who approved", async () => {
    for (const who of [mia, lee]) {
      const approved = approvedBy(approval(own), lee);
      const denied = decideApproval(approved, who.vote(approved.request, "deny"), facts);
      expect(denied.state).toBe("denied");
      await expectCode(() => spendApproval(denied, callOf(denied), facts), "APPROVAL_DENIED");
      const again = mia.vote(approved.request);
      await expectCode(
        () => decideApproval(denied, again, facts),
        who === lee ? "ILLEGAL_TRANSITION" : "ALREADY_VOTED",
      );
    }
  });

  it("APR-D06 a denial is a signature of its own: an approval's does not deny, nor the other way round", async () => {
    const asked = approval(own);
    for (const [from, to] of [
      ["approve", "deny"],
      ["deny", "approve"],
    ] as const) {
      const vote = { ...lee.vote(asked.request, from), decision: to };
      await expectCode(() => decideApproval(asked, vote, facts), "BAD_SIGNATURE");
    }
  });

  it("APR-D08 knows these steps and no others", () => {
    const asked = approval(own);
    const vote = lee.vote(asked.request);
    const events: readonly ApprovalEvent[] = [
      { event: "vote", vote },
      { event: "vote", vote: { ...vote, decision: "deny" } },
      { event: "consume", callId: "c", at: now },
      { event: "expire", at: later(300) },
      { event: "void" },
    ];
    const states: readonly ApprovalState[] = ["pending", "approved", "denied", "consumed", "expired", "void"];
    const steps = states.flatMap((state) =>
      events.flatMap((event) => {
        try {
          return `${state} → ${nextApproval({ ...asked, state }, event).state}`;
        } catch (error) {
          expect(error).toHaveProperty("code", "ILLEGAL_TRANSITION");
          return [];
        }
      }),
    );
    expect(steps).toEqual([
      "pending → approved",
      "pending → denied",
      "pending → expired",
      "pending → void",
      "approved → denied",
      "approved → consumed",
      "approved → expired",
      "approved → void",
    ]);
  });

  it("APR-D08 is used in no state but approved", async () => {
    const approved = approvedBy(approval(own), lee);
    for (const [state, code] of [
      ["pending", "APPROVAL_MISSING"],
      ["denied", "APPROVAL_DENIED"],
      ["consumed", "APPROVAL_CONSUMED"],
      ["expired", "APPROVAL_EXPIRED"],
      ["void", "APPROVAL_VOID"],
    ] as const) {
      await expectCode(() => spendApproval({ ...approved, state }, callOf(approved), facts), code);
    }
  });

  it("APR-D08 a record that says approved without votes is worth nothing", async () => {
    const forged: Approval = { ...approval(own), state: "approved" };
    await expectCode(() => spendApproval(forged, callOf(forged), facts), "APPROVAL_MISSING");
  });

  it("APR-D09 takes two different people where two are asked for", async () => {
    const asked = approval(own, { approvers: 2 });
    const half = approvedBy(asked, lee);
    expect(half.state).toBe("pending");
    await expectCode(() => spendApproval(half, callOf(half), facts), "APPROVAL_MISSING");
    await expectCode(() => decideApproval(half, lee.vote(asked.request), facts), "ALREADY_VOTED");
    const full = decideApproval(half, mia.vote(asked.request), facts);
    expect(spendApproval(full, callOf(full), facts).operators.map(({ name }) => name)).toEqual(["lee", "mia"]);
  });

  it("APR-D09 is not met by one person under two names or with two keys", async () => {
    const asked = approval(own, { approvers: 2 });
    const half = approvedBy(asked, lee);
    const second = person("lee2", { aliases: ["LEE"] });
    const shared = person("lee3");
    const sharing: Operator = { ...shared.operator, keys: [...shared.operator.keys, keyOf(lee)] };
    const more = { ...facts, operators: [second.operator, sharing, ...operators] };
    await expectCode(() => decideApproval(half, second.vote(asked.request), more), "ALREADY_VOTED");
    await expectCode(() => decideApproval(half, shared.vote(asked.request), more), "ALREADY_VOTED");
    const forged: Approval = { ...half, state: "approved", votes: [...half.votes, shared.vote(asked.request)] };
    await expectCode(() => spendApproval(forged, callOf(forged), more), "APPROVAL_MISSING");
  });

  it("whatever happens in whatever order: used at most once, never without enough people, never after a denial", () => {
    const step = fc.constantFrom("lee", "mia", "dana", "deny", "consume", "expire", "void");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 2 }), (steps, approvers) => {
        let current = approval(own, { approvers });
        const done: string[] = [];
        for (const each of steps) {
          try {
            current = take(current, each);
            done.push(each);
          } catch (error) {
            expect(error).toHaveProperty("name", "ApprovalError");
          }
        }
        expect(done).not.toContain("dana");
        expect(done.filter((each) => each === "consume").length).toBeLessThanOrEqual(1);
        if (done.includes("consume")) {
          expect(new Set(done.filter((each) => each === "lee" || each === "mia")).size).toBe(approvers);
          expect(done.at(-1)).toBe("consume");
        }
      }),
      { numRuns: 60 },
    );
  });
});

const keyOf = ({ operator }: Person): string => operator.keys[0] ?? "";

function take(current: Approval, step: string): Approval {
  if (step === "consume") return spendApproval(current, callOf(current), facts).approval;
  if (step === "expire") return nextApproval(current, { event: "expire", at: later(300) });
  if (step === "void") return nextApproval(current, { event: "void" });
  if (step === "deny") return decideApproval(current, mia.vote(current.request, "deny"), facts);
  const voter = [lee, mia, dana].find(({ operator }) => operator.name === step) ?? dana;
  return decideApproval(current, voter.vote(current.request), facts);
}
