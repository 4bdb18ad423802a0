// SPDX-License-Identifier: Apache-2.0
import { X509Source } from "@mayfly/spiffe-client";
import { GatewayError } from "../errors.ts";
import type { GatewayConfig } from "./gateway-config.ts";

/** The gateway's identity from the Workload API: the configured one, else the first. @throws {GatewayError} NO_IDENTITY */
export async function openSource({
  workloadSocket,
  spiffeId,
}: Pick<GatewayConfig, "workloadSocket" | "spiffeId">): Promise<X509Source> {
  const address = `unix://${workloadSocket}`;
  if (spiffeId === undefined) return await X509Source.open({ address });
  const source = await X509Source.open({
    address,
    select: (svids) => svids.find(({ id }) => id.toString() === spiffeId),
  });
  const held = source.context.svids.map(({ id }) => id.toString());
  if (held.includes(spiffeId)) return source;
  await source[Symbol.asyncDispose]();
  const message = `the Workload API does not give ${spiffeId} to this process, but ${held.join(", ")}`;
  throw new GatewayError("NO_IDENTITY", message);
}
