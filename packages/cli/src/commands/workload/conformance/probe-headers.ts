// SPDX-License-Identifier: Apache-2.0
import { WORKLOAD_HEADER, workloadApiService } from "@mayfly/rpc";
import type { Callable, Endpoint, Headers } from "./endpoint.ts";
import type { HeaderProbe, RpcName } from "./observation.ts";

const wrongHeaders: readonly (readonly [words: string, headers: Headers])[] = [
  ["no header", {}],
  ["True", { [WORKLOAD_HEADER]: "True" }],
  ["TRUE", { [WORKLOAD_HEADER]: "TRUE" }],
  ["1", { [WORKLOAD_HEADER]: "1" }],
  ["true with a space behind", { [WORKLOAD_HEADER]: "true " }],
  ["an empty value", { [WORKLOAD_HEADER]: "" }],
  ["two values, true and false", { [WORKLOAD_HEADER]: ["true", "false"] }],
];

/**
 * Calls each of the seven methods with each wrong form of the security header (Workload Endpoint §3), and else with what would be
 * answered: a good `token` for `audience`, where there is one.
 */
export async function probeHeaders(
  endpoint: Endpoint,
  { audience, token = "token" }: { readonly audience: string; readonly token: string | undefined },
): Promise<Readonly<Record<RpcName, readonly HeaderProbe[]>>> {
  const requests: Partial<Record<RpcName, object>> = {
    FetchJWTSVID: { audience: [audience] },
    ValidateJWTSVID: { audience, svid: token },
  };
  const found: [string, readonly HeaderProbe[]][] = [];
  for (const [name, method] of Object.entries(workloadApiService.methods)) {
    const callable = method as Callable<object, unknown>;
    const request = requests[name as RpcName] ?? {};
    const probes = wrongHeaders.map(async ([header, headers]) => ({
      header,
      outcome: await endpoint.first(callable, request, headers),
    }));
    found.push([name, await Promise.all(probes)]);
  }
  return Object.fromEntries(found) as Record<RpcName, readonly HeaderProbe[]>;
}
