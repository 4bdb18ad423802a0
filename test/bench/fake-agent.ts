// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { agentService, type ClientTls, RpcChannel } from "@mayfly/rpc";
import { createRequest } from "@mayfly/x509";
import type { Target } from "./target.ts";

/** A fresh P-256 key pair. */
export function newKeys(): { publicKey: KeyObject; privateKey: KeyObject; spki: Buffer } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { publicKey, privateKey, spki: publicKey.export({ type: "spki", format: "der" }) };
}

/** A load generator that holds an agent's SVID: it attested with a join token. */
export interface FakeAgent extends Disposable {
  readonly id: string;
  readonly channel: RpcChannel;
}

// The generator measures; it trusts the server that it started itself.
const anyServer: ClientTls["verify"] = () => undefined;

/** Attests one more agent at the target, over `address` if that is a proxy in front of it. */
export async function attestFakeAgent(
  target: Pick<Target, "admin" | "address">,
  address: string = target.address,
): Promise<FakeAgent> {
  const { value: token } = await target.admin.unary(agentService.methods.CreateJoinToken, { ttl: 600 });
  const keys = newKeys();
  const params = {
    data: { type: "join_token", payload: Buffer.from(token) },
    params: { csr: createRequest({ keys }) },
  };
  const anonymous = RpcChannel.open({ address, tls: { verify: anyServer } });
  let chain: readonly Buffer[] = [];
  let id = "";
  async function* steps(): AsyncGenerator<{ params: typeof params }> {
    yield { params };
  }
  for await (const { result } of anonymous.bidi(agentService.methods.AttestAgent, steps())) {
    chain = result?.svid?.cert_chain ?? [];
    id = `spiffe://${result?.svid?.id?.trust_domain ?? ""}${result?.svid?.id?.path ?? ""}`;
    break;
  }
  anonymous.close();
  const privateKey = createPrivateKey(keys.privateKey.export({ type: "pkcs8", format: "pem" }));
  const channel = RpcChannel.open({ address, tls: { identity: { chain, privateKey }, verify: anyServer } });
  return {
    id,
    channel,
    [Symbol.dispose]: () => channel.close(),
  };
}
