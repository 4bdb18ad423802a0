// SPDX-License-Identifier: Apache-2.0
import { randomBytes, randomUUID } from "node:crypto";
import { encodeEnrolment, pinOf } from "@mayfly/attestation";
import type { JoinTokenStore, StoredBundle } from "@mayfly/registration";
import type { CreateEnrolmentRequest, CreateEnrolmentResponse, Sent } from "@mayfly/rpc";
import { Certificate } from "@mayfly/x509";
import { type Clock, unixSeconds } from "../../clock.ts";
import type { LiveViews } from "../../views/live-views.ts";
import { hashToken, joinTokenAlias } from "../agent/join-token.ts";
import { internal, invalidArgument, orInvalidArgument, unavailable } from "../wire/refusal.ts";
import { type IdRules, parseIdFields, toIdFields } from "../wire/spiffe-id.ts";

/** What enrolment strings are made of. */
export interface EnrolmentDeps {
  readonly trustDomain: string;
  readonly tokens: JoinTokenStore;
  readonly views: LiveViews;
  readonly rules: IdRules;
  readonly clock: Clock;
  /** `host:port` of the listener, for requests that name none. */
  listenerAddress(): string;
}

const maxPins = 8;
/** A secret in a mail should not work for long. */
const maxTtlSeconds = 30 * 24 * 3600;

/** The newest authorities that may sign the server's certificate, the prepared one among them. */
function pinsOf({ x509Authorities }: StoredBundle): string[] {
  const pins = x509Authorities
    .filter(({ tainted }) => !tainted)
    .flatMap(({ der }) => {
      try {
        return [pinOf(Certificate.parse(der))];
      } catch {
        // Operators may append what is no certificate of ours.
        return [];
      }
    });
  return pins.slice(-maxPins);
}

function checkAddress(text: string): string {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253}):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[1]);
  if (match === null || port < 1 || port > 65_535) throw invalidArgument("malformed address: expected host:port");
  return text;
}

/** Stores a token that may be retried with the same key, and puts it into one string with all that an agent needs. */
export async function createEnrolment(
  deps: EnrolmentDeps,
  { ttl, address, agent_id: aliasFields }: CreateEnrolmentRequest,
): Promise<Sent<CreateEnrolmentResponse>> {
  if (ttl < 1) throw invalidArgument("ttl is required, you must provide one");
  if (ttl > maxTtlSeconds) throw invalidArgument(`ttl is longer than ${String(maxTtlSeconds)} s`);
  const serverAddress = checkAddress(address || deps.listenerAddress());
  const alias =
    aliasFields && orInvalidArgument("invalid agent ID", () => deps.rules.workload(parseIdFields(aliasFields)).text);
  const bundle = deps.views.bundle(deps.trustDomain);
  if (bundle === undefined) throw unavailable("the server has no authority yet");
  const agentPath = `/join_token/${randomUUID()}`;
  const agentId = `spiffe://${deps.trustDomain}/spire/agent${agentPath}`;
  const token = randomBytes(32).toString("base64url");
  const now = deps.clock.now();
  const expiresAt = unixSeconds(now) + ttl;
  const created = await deps.tokens.create(
    { hash: hashToken(token), expiresAt, agentPath, retryWithSameKey: true },
    { aliasEntry: alias ? joinTokenAlias(agentId, alias) : undefined, now },
  );
  if (!created) throw internal("failed to create enrolment");
  const enrolment = encodeEnrolment({
    serverAddress,
    trustDomain: deps.trustDomain,
    pins: pinsOf(bundle),
    token,
    agentPath,
  });
  return { enrolment, expires_at: String(expiresAt), agent_id: toIdFields(agentId) };
}
