// SPDX-License-Identifier: Apache-2.0
import type { BundleSet, BundleLookup, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { WorkloadApiError } from "./errors.ts";
import { Latest } from "./latest.ts";
import { WorkloadApiClient } from "./workload-api/workload-api-client.ts";
import type { X509Context } from "./workload-api/x509-context.ts";

/** How an X509Source is opened. */
export interface X509SourceOptions {
  /** Of the endpoint; default: what SPIFFE_ENDPOINT_SOCKET says. */
  readonly address?: string | undefined;
  /** A client to use instead of an own one; it is not closed with the source. */
  readonly client?: WorkloadApiClient | undefined;
  /** Gives up opening; has no meaning afterwards. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what the source overcomes by itself. */
  readonly onError?: ((error: WorkloadApiError) => void) | undefined;
}

/**
 * The X.509-SVID and bundles of this workload, kept fresh: reading is synchronous, SVID and bundles always belong to one update. A lost
 * endpoint leaves the last update in force; a withdrawn identity is no longer given out. Who opens it disposes of it.
 */
export class X509Source implements BundleLookup<X509Bundle>, AsyncDisposable {
  readonly #latest = new Latest<X509Context>();
  readonly #abort = new AbortController();
  readonly #ownClient: WorkloadApiClient | undefined;
  readonly #running: Promise<void>;
  #failure: unknown;

  private constructor(options: X509SourceOptions) {
    const client = options.client ?? WorkloadApiClient.open({ address: options.address });
    this.#ownClient = options.client === undefined ? client : undefined;
    this.#running = this.#run(client, options.onError);
  }

  /**
   * Resolves with the first identity, however long that takes.
   * @throws {WorkloadApiError} INVALID_REQUEST, UNIMPLEMENTED; {EndpointAddressError}; the signal's reason
   */
  static async open(options: X509SourceOptions = {}): Promise<X509Source> {
    const { signal } = options;
    signal?.throwIfAborted();
    const source = new X509Source(options);
    const giveUp = (): void => source.#latest.end(signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      for await (const { svids } of source.updates()) if (svids.length > 0) break;
      return source;
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** The default identity now. @throws {WorkloadApiError} NO_SVID when it was withdrawn; what ended the source */
  get svid(): X509Svid {
    const [svid] = this.context.svids;
    if (svid === undefined) throw new WorkloadApiError("NO_SVID", "the identity of this workload was withdrawn");
    return svid;
  }

  /** All bundles now. @throws what ended the source */
  get bundles(): BundleSet<X509Bundle> {
    return this.context.bundles;
  }

  /** The last update as a whole. @throws what ended the source */
  get context(): X509Context {
    const { value } = this.#latest;
    if (this.#failure !== undefined) throw this.#failure;
    if (value === undefined) throw new WorkloadApiError("UNAVAILABLE", "there was no update yet");
    return value;
  }

  /** The bundle of a trust domain now. */
  get(trustDomain: TrustDomain): X509Bundle | undefined {
    return this.bundles.get(trustDomain);
  }

  /** The last update and each newer one; a slow reader misses those between. Ends when the source is disposed of. */
  updates(): AsyncIterable<X509Context> {
    return this.#latest.read();
  }

  /** Stops. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#ownClient?.close();
  }

  async #run(client: WorkloadApiClient, onError: X509SourceOptions["onError"]): Promise<void> {
    const { signal } = this.#abort;
    try {
      const updates = client.watchX509Context({ signal, waitForIdentity: true, onError });
      for await (const context of updates) this.#latest.publish(context);
    } catch (error) {
      if (!signal.aborted) this.#failure = error;
    }
    this.#latest.end(this.#failure);
  }
}
