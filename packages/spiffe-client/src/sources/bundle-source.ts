// SPDX-License-Identifier: Apache-2.0
import { BundleSet, type JwtBundle, type Revocations, type X509Bundle } from "@mayfly/spiffe";
import { SourceError } from "../errors.ts";
import { noTrust, type X509Trust } from "../workload-api/x509-context.ts";
import { BundlePair, type BundleSnapshot } from "./bundle-pair.ts";
import { clientOf, type EndpointOptions } from "./endpoint-options.ts";
import { type BundleFileOptions, followBundleFiles } from "./files/follow-bundle-files.ts";
import { follow } from "./follow.ts";
import { shareBundles, SharedRevocations } from "./share-unchanged.ts";
import type { SourceHealth } from "./source-health.ts";

/** How a BundleSource is opened. */
export interface BundleSourceOptions extends EndpointOptions {
  /** Which profiles of the Workload API to ask; default: both. There are no bundles of one that is not asked. */
  readonly profiles?: readonly ("x509" | "jwt")[] | undefined;
}

/**
 * Trust bundles, kept fresh, for a validator that needs no identity of its own. Reading is synchronous. Who opens it disposes of it; after
 * that every read throws CLOSED. Over the Workload API it keeps the process running, as an open socket does.
 */
export class BundleSource implements AsyncDisposable {
  readonly #pair: BundlePair;
  readonly #dispose: () => Promise<void>;
  readonly #revocations = new SharedRevocations();

  private constructor(pair: BundlePair, dispose: () => Promise<void>) {
    this.#pair = pair;
    this.#dispose = dispose;
  }

  /**
   * From the Workload API. Resolves when the bundles of each profile are there, however long that takes.
   * @throws {WorkloadApiError} INVALID_REQUEST, UNIMPLEMENTED, also for one of the profiles; {EndpointAddressError}; the signal's reason
   */
  static async open(options: BundleSourceOptions = {}): Promise<BundleSource> {
    const { profiles = ["x509", "jwt"], signal } = options;
    if (profiles.length === 0) throw new TypeError("a source of bundles asks for one profile at least");
    const { client, leave } = clientOf(options);
    const pair = new BundlePair(profiles);
    const following = [
      ...(profiles.includes("x509")
        ? [follow(pair.x509, { ...options, keep: shareTrust, watch: (w) => client.watchX509Trust(w) })]
        : []),
      ...(profiles.includes("jwt") ? [follow(pair.jwt, { ...options, watch: (w) => client.watchJwtBundles(w) })] : []),
    ];
    const dispose = async (): Promise<void> => {
      pair.close();
      await Promise.all(following.map((each) => each[Symbol.asyncDispose]()));
      leave();
    };
    try {
      await pair.ready(signal);
      return new BundleSource(pair, dispose);
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  /**
   * From files, which are looked at again every `pollMs`. Does not keep the process running.
   * @throws {SourceError} FILE_UNREADABLE, FILE_TOO_LARGE, FILE_INVALID when they can't be used now; {SpiffeIdError}; the signal's reason
   */
  static async fromFiles(options: BundleFileOptions): Promise<BundleSource> {
    const pair = new BundlePair([]);
    const following = await followBundleFiles(pair, options);
    return new BundleSource(pair, async () => following[Symbol.asyncDispose]());
  }

  /** Of what is at hand, for good. */
  static of(bundles: Partial<BundleSnapshot>): BundleSource {
    const { x509 = noTrust.bundles, jwt = BundleSet.of<JwtBundle>(), crls = [] } = bundles;
    const pair = new BundlePair([]);
    pair.publish({ x509, jwt, crls });
    return new BundleSource(pair, () => Promise.resolve(pair.close()));
  }

  /** X.509 bundles now: for X.509-SVIDs and nothing else. @throws {SourceError} CLOSED; what ended the source */
  get x509(): BundleSet<X509Bundle> {
    return this.#pair.value.x509;
  }

  /** JWT bundles now: for JWT-SVIDs and nothing else. @throws {SourceError} CLOSED; what ended the source */
  get jwt(): BundleSet<JwtBundle> {
    return this.#pair.value.jwt;
  }

  /** The revocation lists that came with the X.509 bundles; none revokes nobody. @throws {SourceError} CLOSED; what ended the source */
  get revocations(): Revocations {
    return this.#revocations.of(this.#pair.value.crls, (reason) => {
      const error = new SourceError("BAD_REVOCATION_LIST", `a revocation list can't be used: ${reason}`);
      this.#pair.x509.report(error, { lost: false });
    });
  }

  /** How the source gets along; of the two profiles the one that is worse off. */
  get health(): SourceHealth {
    return this.#pair.health;
  }

  /**
   * All bundles, and again when one of them changed; a slow reader misses those between. Ends when the source is disposed of.
   * @throws from the loop: the signal's reason; what ended the source
   */
  updates(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<BundleSnapshot> {
    return this.#pair.updates(options);
  }

  /** Stops. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }
}

function shareTrust(previous: X509Trust | undefined, next: X509Trust): X509Trust {
  return { ...next, bundles: shareBundles(previous?.bundles, next.bundles) };
}
