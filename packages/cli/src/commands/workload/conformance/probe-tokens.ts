// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { workloadApiService } from "@mayfly/rpc";
import type { Endpoint } from "./endpoint.ts";
import { read } from "./identity.ts";
import { SpiffeId } from "@mayfly/spiffe";
import type { TokenProbes } from "./observation.ts";

/** What tokens to ask for. */
export interface TokenQuestions {
  readonly audience: string;
  readonly otherAudience: string;
  /** `spiffe_id` of the caller's first identity. */
  readonly id: string | undefined;
}

/** An ID that nobody has, in the caller's trust domain where that is known. */
function idOfNobody(own: string | undefined): string {
  const id = read(() => SpiffeId.parse(own ?? ""));
  const trustDomain = "value" in id ? id.value.trustDomain.name : "conformance.invalid";
  return `spiffe://${trustDomain}/conformance/${randomUUID()}`;
}

/** Asks FetchJWTSVID (Workload API §6.2.1) in all ways that a single client can. */
export async function probeTokens(
  endpoint: Endpoint,
  { audience, otherAudience, id }: TokenQuestions,
): Promise<TokenProbes> {
  const ask = (audiences: readonly string[], spiffe_id = "") =>
    endpoint.first(workloadApiService.methods.FetchJWTSVID, { audience: audiences, spiffe_id });
  const [one, two, named, foreignId, malformedId, noAudience, emptyAudience] = await Promise.all([
    ask([audience]),
    ask([audience, otherAudience]),
    id === undefined || id === "" ? undefined : ask([audience], id),
    ask([audience], idOfNobody(id)),
    ask([audience], "spiffe://not an id"),
    ask([]),
    ask([""]),
  ]);
  return { one, two, named, foreignId, malformedId, noAudience, emptyAudience };
}
