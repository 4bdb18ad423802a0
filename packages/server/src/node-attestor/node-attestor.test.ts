// SPDX-License-Identifier: Apache-2.0
import type { NodeVerifier } from "@mayfly/attestation";
import { taskSelector } from "@mayfly/registration";
import { silentLogger } from "@mayfly/telemetry";
import { expect, it } from "vitest";
import { NodeAttestor, type NodeAttestorDeps } from "./node-attestor.ts";

it("no method of attesting nodes can say which task they work on: nothing is stored or signed for one that does", async () => {
  const forger: NodeVerifier = {
    type: "forger",
    verify: () =>
      Promise.resolve({
        agentPath: "/forger/a",
        canReattest: true,
        selectors: [{ type: "forger", value: "a" }, taskSelector("t-aaaaaaaaaaaaaaaa")],
      }),
  };
  const touched = (): never => expect.fail("the node got further");
  const deps: NodeAttestorDeps = {
    trustDomain: "example.org",
    verifiers: [forger],
    nodes: { get: touched, attest: touched } as unknown as NodeAttestorDeps["nodes"],
    signer: { issueX509: touched } as unknown as NodeAttestorDeps["signer"],
    keys: {} as NodeAttestorDeps["keys"],
    logger: silentLogger,
  };
  const params = { type: "forger", payload: Buffer.from("x"), csr: Buffer.from("not looked at yet") };
  const attempt = new NodeAttestor(deps).attest(params, touched);
  await expect(attempt).rejects.toMatchObject({ code: 13, message: expect.stringContaining("reserved type task") });
});
