// SPDX-License-Identifier: Apache-2.0
import { type JWTBundlesResponse, workloadApiService } from "@mayfly/rpc";
import type { Endpoint } from "./endpoint.ts";
import { forgeries, type Forgery } from "./forge.ts";
import { readKeySet } from "./key-set.ts";
import type { ForgedProbe, TokenProbes, ValidationProbes } from "./observation.ts";
import { type JsonMap, readRawToken } from "./raw-token.ts";

/** What validation is tried with. */
export interface ValidationQuestions {
  readonly audience: string;
  readonly otherAudience: string;
  readonly tokens: TokenProbes;
  /** The published keys: one that signed the good token is used to forge another. */
  readonly keys: JWTBundlesResponse | undefined;
}

function signingKey(token: string, keys: JWTBundlesResponse | undefined): JsonMap | undefined {
  const kid = readRawToken(token)?.header["kid"];
  return Object.values(keys?.bundles ?? {})
    .flatMap((jwks) => readKeySet(jwks)?.keys ?? [])
    .find((jwk) => jwk["kid"] === kid);
}

/** Has the endpoint validate its own token, and what was made of it (Workload API §6.2.3). */
export async function probeValidation(
  endpoint: Endpoint,
  { audience, otherAudience, tokens, keys }: ValidationQuestions,
): Promise<ValidationProbes> {
  const ask = (svid: string, name = audience) =>
    endpoint.first(workloadApiService.methods.ValidateJWTSVID, { audience: name, svid });
  const good = tokens.one.kind === "answer" ? tokens.one.message.svids[0]?.svid : undefined;
  const probe = async ({ id, defect, token }: Forgery, name = audience): Promise<ForgedProbe> => ({
    id,
    defect,
    outcome: await ask(token, name),
  });
  const wrongNames =
    good === undefined ? [] : [otherAudience, audience.toUpperCase()].filter((name) => name !== audience);
  const [verdict, noAudience, noToken, ...forged] = await Promise.all([
    good === undefined ? undefined : ask(good),
    ask(good ?? "token", ""),
    ask(""),
    ...forgeries(good, good === undefined ? undefined : signingKey(good, keys)).map((forgery) => probe(forgery)),
    ...wrongNames.map((name) => probe({ id: "JWT-12", defect: "another audience", token: good ?? "" }, name)),
  ]);
  return { good: verdict, forged, noAudience, noToken };
}
