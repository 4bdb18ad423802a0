// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import { type JWTSVIDRequest, type JWTSVIDResponse, type Sent, StatusError } from "@mayfly/rpc";
import { SpiffeId, SpiffeIdError } from "@mayfly/spiffe";
import { describeError } from "../standing.ts";
import { denied, invalidArgument, unavailable } from "./refusal.ts";
import { spokenIdError } from "./spoken-id-error.ts";
import { admit } from "./waiting-room.ts";
import type { WorkloadCall, WorkloadDeps } from "./workload-deps.ts";

const maxAudiences = 16;
const maxAudienceBytes = 2048;

/** FetchJWTSVID (Workload API §6.2.1): a token for each of the caller's identities, or for the one asked for. */
export async function fetchJwtSvid(
  deps: WorkloadDeps,
  request: JWTSVIDRequest,
  call: WorkloadCall,
): Promise<Sent<JWTSVIDResponse>> {
  assertAudience(request.audience);
  const wanted = requestedId(request.spiffe_id);
  for (;;) {
    const { caller, entries } = await admit(deps, call);
    const chosen = wanted === undefined ? entries : entries.filter(({ spiffeId }) => spiffeId === wanted);
    if (chosen.length === 0) throw denied("IDENTITY_NOT_YOURS");
    const svids = await Promise.all(chosen.map((entry) => tokenFor(deps, entry, request.audience, call)));
    caller.waited();
    // The server may have taken its time: the process is looked at again before the token leaves.
    if (await caller.stillGets(entries)) return { svids };
  }
}

async function tokenFor(
  { tokens, log }: WorkloadDeps,
  entry: RegistrationEntry,
  audience: readonly string[],
  call: WorkloadCall,
): Promise<Sent<JWTSVIDResponse["svids"][number]>> {
  try {
    return { spiffe_id: entry.spiffeId, svid: await tokens.get(entry, audience, call.signal), hint: entry.hint };
  } catch (error) {
    call.signal.throwIfAborted();
    log.warn("jwt_issue_failed", { entry_id: entry.id, error: describeError(error) });
    const text = error instanceof StatusError ? error.message : "the answer can't be used";
    throw unavailable("ISSUE_FAILED", `could not fetch JWT-SVID: ${text}`);
  }
}

function assertAudience(audience: readonly string[]): void {
  if (audience.length === 0) throw invalidArgument("audience must be specified");
  if (audience.length > maxAudiences) throw invalidArgument(`at most ${maxAudiences} audiences may be specified`);
  if (audience.includes("")) throw invalidArgument("audience must not be empty");
  if (audience.some((name) => Buffer.byteLength(name) > maxAudienceBytes))
    throw invalidArgument("audience is too long");
}

function requestedId(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    return SpiffeId.parse(text).toString();
  } catch (error) {
    if (!(error instanceof SpiffeIdError)) throw error;
    throw invalidArgument(`invalid requested SPIFFE ID: ${spokenIdError(error)}`);
  }
}
