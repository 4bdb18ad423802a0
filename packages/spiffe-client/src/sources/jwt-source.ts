// SPDX-License-Identifier: Apache-2.0
import {
  type BundleLookup,
  type BundleSet,
  type JwtBundle,
  type SpiffeId,
  type TrustDomain,
  verifyJwtSvid,
} from "@mayfly/spiffe";
import { SourceError, type WorkloadApiError } from "../errors.ts";
import type { FetchedJwtSvid, ValidatedJwtSvid } from "../workload-api/jwt-answers.ts";
import type { WorkloadApiClient } from "../workload-api/workload-api-client.ts";
import { clientOf, type EndpointOptions } from "./endpoint-options.ts";
import { follow } from "./follow.ts";
import { JwtSvidCache } from "./jwt-svid-cache.ts";
import { LiveValue } from "./live-value.ts";
import type { SourceHealth } from "./source-health.ts";

const defaultTimeoutMs = 30_000;

/** Which token is wanted. */
export interface SvidRequest {
  /** For whom the token is. */
  readonly audience: string | readonly string[];
  /** Only of this identity. Default: the first that the workload has. */
  readonly spiffeId?: SpiffeId | string | undefined;
  /** Only of the identity that the operator gave this hint. */
  readonly hint?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a token is validated. */
export interface ValidateOptions {
  /** The name that the validator goes by; the token must be for it. */
  readonly audience: string;
  /** true: with the bundles of this source, no call. Default: the endpoint is asked (Workload API §6.2.3). */
  readonly locally?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a JwtSource is opened. */
export interface JwtSourceOptions extends EndpointOptions {
  /** How long one call for a token or a verdict may take. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

interface Parts {
  readonly client: WorkloadApiClient;
  readonly live: LiveValue<BundleSet<JwtBundle>>;
  readonly cache: JwtSvidCache;
  readonly timeoutMs: number;
  readonly onError: ((error: WorkloadApiError) => void) | undefined;
  readonly dispose: () => Promise<void>;
}

/**
 * JWT-SVIDs of this workload on demand, and JWT bundles kept fresh, both from the Workload API. Who opens it disposes of it; after that
 * everything throws CLOSED. It keeps the process running, as an open socket does.
 */
export class JwtSource implements BundleLookup<JwtBundle>, AsyncDisposable {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Resolves with the first bundles, however long that takes.
   * @throws {WorkloadApiError} INVALID_REQUEST, UNIMPLEMENTED; {EndpointAddressError}; the signal's reason
   */
  static async open(options: JwtSourceOptions = {}): Promise<JwtSource> {
    const { signal, onError, timeoutMs = defaultTimeoutMs } = options;
    const { client, leave } = clientOf(options);
    const cache = new JwtSvidCache();
    const live = new LiveValue<BundleSet<JwtBundle>>({ isEmpty: ({ size }) => size === 0, ended: () => cache.clear() });
    const following = follow(live, {
      ...options,
      watch: (watching) => client.watchJwtBundles(watching),
      keep: (_previous, next) => {
        // Withdrawn (Workload API §4): tokens are not given out any more.
        if (next.size === 0) cache.clear();
        return next;
      },
    });
    const dispose = async (): Promise<void> => {
      await following[Symbol.asyncDispose]();
      leave();
    };
    try {
      await live.first(signal);
      return new JwtSource({ client, live, cache, timeoutMs, onError, dispose });
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  /**
   * A token for these audiences, the same until half of its life. While the endpoint is away one that is not expired is given.
   * @throws {WorkloadApiError} DENIED and others; {SourceError} NO_SVID no identity has that hint; CLOSED
   * @throws {TypeError} without an audience; the signal's reason; what ended the source
   */
  async fetchSvid(request: SvidRequest): Promise<FetchedJwtSvid> {
    const { client, cache, live, timeoutMs, onError } = this.#parts;
    void live.value;
    const audience = typeof request.audience === "string" ? [request.audience] : request.audience;
    const { spiffeId, hint, signal } = request;
    const key = JSON.stringify([audience.toSorted(), spiffeId?.toString() ?? null, hint ?? null]);
    const fetch = async (fetching: AbortSignal): Promise<FetchedJwtSvid> => {
      const svids = await client.fetchJwtSvids({ audience, spiffeId, signal: fetching, timeoutMs });
      return select(svids, request);
    };
    return cache.get(key, fetch, { signal, onError });
  }

  /**
   * Who a token is of, when it is valid.
   * @throws {WorkloadApiError} INVALID_REQUEST the endpoint refuses it, and others; locally {JwtSvidError}
   * @throws {SourceError} CLOSED; the signal's reason; what ended the source
   */
  async validate(token: string, { audience, locally = false, signal }: ValidateOptions): Promise<ValidatedJwtSvid> {
    signal?.throwIfAborted();
    const { client, timeoutMs } = this.#parts;
    const bundles = this.bundles;
    if (!locally) return client.validateJwtSvid({ audience, token, signal, timeoutMs });
    const { id, claims } = verifyJwtSvid(token, bundles, { audience: [audience], now: new Date() });
    return { id, claims };
  }

  /** All bundles now: for JWT-SVIDs and nothing else. @throws {SourceError} CLOSED; what ended the source */
  get bundles(): BundleSet<JwtBundle> {
    return this.#parts.live.value;
  }

  /** The bundle of a trust domain now. @throws {SourceError} CLOSED; what ended the source */
  get(trustDomain: TrustDomain): JwtBundle | undefined {
    return this.bundles.get(trustDomain);
  }

  /** How the source gets along with the bundles. */
  get health(): SourceHealth {
    return this.#parts.live.health;
  }

  /**
   * All bundles, and again when one changed; a slow reader misses those between. Ends when the source is disposed of.
   * @throws from the loop: the signal's reason; what ended the source
   */
  updates(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<BundleSet<JwtBundle>> {
    return this.#parts.live.updates(options);
  }

  /** Stops. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.dispose();
  }
}

/** Workload API §7: the first is the default; a hint that is not there is no reason for another identity. */
function select(svids: readonly FetchedJwtSvid[], { spiffeId, hint }: SvidRequest): FetchedJwtSvid {
  const wanted = spiffeId?.toString();
  const found = svids.find(
    (svid) => (wanted === undefined || svid.id.toString() === wanted) && (hint === undefined || svid.hint === hint),
  );
  if (found === undefined)
    throw new SourceError("NO_SVID", `none of the ${svids.length} identities is the one asked for`);
  return found;
}
