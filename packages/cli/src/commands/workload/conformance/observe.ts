// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type JWTBundlesResponse, type ServerStream, workloadApiService, type X509SVIDResponse } from "@mayfly/rpc";
import type { Endpoint } from "./endpoint.ts";
import { probeHeaders } from "./probe-headers.ts";
import { probeReflection } from "./probe-reflection.ts";
import { probeTokens } from "./probe-tokens.ts";
import { probeValidation } from "./probe-validation.ts";
import { readIdentities } from "./identity.ts";
import { readKeySet } from "./key-set.ts";
import { firstMessage, type Observation, type Stream } from "./observation.ts";
import { code, type Outcome } from "./outcome.ts";
import { socketFactsOf } from "./socket-facts.ts";
import { StreamWatch } from "./stream-watch.ts";

/** What to look for. */
export interface ObserveOptions {
  readonly audience: string;
  /** How long streams are watched. */
  readonly waitMs: number;
}

/** A change must have been pushed this long after it can be fetched. */
const pushMs = 1000;
const { methods } = workloadApiService;

/** Whether a server speaks gRPC there: a message, or a status that no library makes up for want of an answer. */
function speaksGrpc(outcome: Outcome<unknown>): boolean {
  if (outcome.kind === "answer") return true;
  if (outcome.text.startsWith("Received HTTP status code")) return false;
  return ![1, 2, code.deadlineExceeded, 8, 13].includes(outcome.code) && !isUnconnected(outcome);
}

function isUnconnected({ code: status, text }: { readonly code: number; readonly text: string }): boolean {
  return status === code.unavailable && /^(No connection established|Connection dropped|Name resolution)/.test(text);
}

/** First contact: what the endpoint says to a call without the security header and to one with it, when neither is gRPC. */
export async function firstContact(endpoint: Endpoint): Promise<Outcome<unknown> | undefined> {
  const [plain, marked] = await Promise.all([
    endpoint.first(methods.ValidateJWTSVID, { audience: "", svid: "" }, {}),
    endpoint.first(methods.FetchX509Bundles, {}),
  ]);
  return speaksGrpc(plain) || speaksGrpc(marked) ? undefined : marked;
}

function keysOf({ svids }: X509SVIDResponse): string[] {
  return svids.map(({ spiffe_id, hint }) => `${spiffe_id} ${hint}`);
}

/** The keys of each bundle, in whatever order they are written. */
function keysByBundle({ bundles }: JWTBundlesResponse): Readonly<Record<string, readonly string[]>> {
  const keysOf = (jwks: Buffer): string[] => (readKeySet(jwks)?.keys ?? []).map((key) => JSON.stringify(key));
  const sorted = (keys: readonly string[]): string[] => keys.toSorted((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(Object.entries(bundles).map(([name, jwks]) => [name, sorted(keysOf(jwks))]));
}

class Watches {
  readonly #endpoint: Endpoint;
  readonly x509: StreamWatch<X509SVIDResponse>;
  readonly x509Bundles: StreamWatch<MessageOf<"FetchX509Bundles">>;
  readonly jwtBundles: StreamWatch<MessageOf<"FetchJWTBundles">>;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.x509 = new StreamWatch(endpoint, methods.FetchX509SVID, { keysOf });
    this.x509Bundles = new StreamWatch(endpoint, methods.FetchX509Bundles);
    this.jwtBundles = new StreamWatch(endpoint, methods.FetchJWTBundles, { meaning: keysByBundle });
  }

  /** The state at the end beside what was pushed. */
  async finish<T>(watch: StreamWatch<T>, method: ServerStream<unknown, T>, second: Outcome<T>): Promise<Stream<T>> {
    const atEnd = await this.#endpoint.first(method, {});
    const isSame = (): boolean => atEnd.kind === "answer" && watch.saysLast(atEnd.message);
    if (!isSame()) await sleep(pushMs, undefined, { signal: this.#endpoint.signal });
    const wasPushed = isSame();
    return { watched: await watch.end(), second, atEnd, wasPushed };
  }
}

type MessageOf<Name extends "FetchX509Bundles" | "FetchJWTBundles"> =
  (typeof methods)[Name] extends ServerStream<infer _Request, infer Response> ? Response : never;

/** Calls everything that one client can call. Rejects only when interrupted. */
export async function observe(endpoint: Endpoint, { audience, waitMs }: ObserveOptions): Promise<Observation> {
  const waited = sleep(waitMs, undefined, { signal: endpoint.signal }).catch(() => undefined);
  const watches = new Watches(endpoint);
  const { x509, x509Bundles, jwtBundles } = watches;
  await Promise.all([x509.first, x509Bundles.first, jwtBundles.first]);
  const [secondX509, secondX509Bundles, secondJwtBundles] = await Promise.all([
    endpoint.first(methods.FetchX509SVID, {}),
    endpoint.first(methods.FetchX509Bundles, {}),
    endpoint.first(methods.FetchJWTBundles, {}),
  ]);
  const otherAudience = `${audience}-other`;
  const ids = secondX509.kind === "answer" ? secondX509.message.svids.map(({ spiffe_id }) => spiffe_id) : [];
  const tokens = await probeTokens(endpoint, { audience, otherAudience, id: ids[0] });
  const token = tokens.one.kind === "answer" ? tokens.one.message.svids[0]?.svid : undefined;
  const headers = await probeHeaders(endpoint, { audience, token });
  const keys = secondJwtBundles.kind === "answer" ? secondJwtBundles.message : undefined;
  const validation = await probeValidation(endpoint, { audience, otherAudience, tokens, keys });
  // What was fetched is judged by this time: it may end while the streams are watched.
  const now = new Date();
  const [wit, witBundles] = await Promise.all([
    endpoint.first(methods.FetchWITSVID, {}),
    endpoint.first(methods.FetchWITBundles, {}),
  ]);
  const reflection = await probeReflection(endpoint);
  await waited;
  endpoint.signal.throwIfAborted();
  const [x509Seen, x509BundlesSeen, jwtBundlesSeen] = await Promise.all([
    watches.finish(x509, methods.FetchX509SVID, secondX509),
    watches.finish(x509Bundles, methods.FetchX509Bundles, secondX509Bundles),
    watches.finish(jwtBundles, methods.FetchJWTBundles, secondJwtBundles),
  ]);
  const { place } = endpoint.target;
  const isUnix = place.startsWith("/");
  return {
    now,
    socket: isUnix ? socketFactsOf(place) : undefined,
    host: isUnix ? undefined : place.slice(0, place.lastIndexOf(":")),
    audience,
    otherAudience,
    headers,
    x509: x509Seen,
    x509Bundles: x509BundlesSeen,
    jwtBundles: jwtBundlesSeen,
    identities: readIdentities(firstMessage(x509Seen)?.svids ?? []),
    tokens,
    validation,
    wit,
    witBundles,
    reflection,
  };
}
