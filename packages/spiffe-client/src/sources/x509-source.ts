// SPDX-License-Identifier: Apache-2.0
import type { BundleLookup, BundleSet, Revocations, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { SourceError } from "../errors.ts";
import type { X509Context } from "../workload-api/x509-context.ts";
import { clientOf, type EndpointOptions } from "./endpoint-options.ts";
import { openX509Files, type X509FileOptions } from "./files/open-x509-files.ts";
import { follow } from "./follow.ts";
import { LiveValue } from "./live-value.ts";
import { shareBundles, SharedRevocations } from "./share-unchanged.ts";
import type { SourceHealth } from "./source-health.ts";

/** Which of the identities is the one to show; undefined = none of them. */
export type SelectSvid = (svids: readonly X509Svid[]) => X509Svid | undefined;

/** What each way to make an X509Source takes. */
export interface X509SourceChoice {
  /** Default: the first (Workload API §7). Nothing else is taken where it gives none: `svid` then throws NO_SVID. */
  readonly select?: SelectSvid | undefined;
}

/** How an X509Source is opened. */
export interface X509SourceOptions extends EndpointOptions, X509SourceChoice {}

/**
 * The X.509-SVID and bundles of this workload, kept fresh: reading is synchronous, SVID and bundles always belong to one update. A lost
 * endpoint leaves the last update in force until its SVID expires; a withdrawn identity is no longer given out. Who opens it disposes of
 * it; after that every read throws CLOSED. An open source over the Workload API keeps the process running, as an open socket does.
 */
export class X509Source implements BundleLookup<X509Bundle>, AsyncDisposable {
  readonly #live: LiveValue<X509Context>;
  readonly #select: SelectSvid;
  readonly #dispose: () => Promise<void>;
  readonly #revocations = new SharedRevocations();
  #selected: { readonly context: X509Context; readonly svid: X509Svid | undefined } | undefined;

  private constructor(
    live: LiveValue<X509Context>,
    dispose: () => Promise<void>,
    { select = first }: X509SourceChoice,
  ) {
    this.#live = live;
    this.#dispose = dispose;
    this.#select = select;
  }

  /**
   * From the Workload API. Resolves with the first identity, however long that takes.
   * @throws {WorkloadApiError} INVALID_REQUEST, UNIMPLEMENTED; {EndpointAddressError}; the signal's reason
   */
  static async open(options: X509SourceOptions = {}): Promise<X509Source> {
    const { client, leave } = clientOf(options);
    const live = liveContext(options);
    const following = follow(live, {
      ...options,
      watch: (watching) => client.watchX509Context(watching),
      keep: shareContext,
    });
    return X509Source.#opened(live, options, async () => {
      await following[Symbol.asyncDispose]();
      leave();
    });
  }

  /**
   * From files, which are looked at again every `pollMs`: what is replaced is taken, whole and only when it fits together; until then what
   * was there before counts. Does not keep the process running.
   * @throws {SourceError} FILE_UNREADABLE, FILE_TOO_LARGE, FILE_INVALID when they can't be used now; the signal's reason
   */
  static async fromFiles(options: X509FileOptions & X509SourceChoice): Promise<X509Source> {
    const live = liveContext(options);
    const watching = await openX509Files(live, options, shareContext);
    return new X509Source(live, async () => watching[Symbol.asyncDispose](), options);
  }

  /** Of what is at hand, for good. */
  static of(context: X509Context, choice: X509SourceChoice = {}): X509Source {
    const live = liveContext(choice);
    live.publish(context);
    return new X509Source(live, () => Promise.resolve(live.close()), choice);
  }

  static async #opened(
    live: LiveValue<X509Context>,
    options: X509SourceOptions,
    dispose: () => Promise<void>,
  ): Promise<X509Source> {
    try {
      await live.first(options.signal);
      return new X509Source(live, dispose, options);
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  /**
   * The identity to show now.
   * @throws {SourceError} NO_SVID it was withdrawn, or `select` takes none or throws; SVID_EXPIRED no newer one came in time; CLOSED
   * @throws what ended the source
   */
  get svid(): X509Svid {
    const { context } = this;
    if (this.#selected?.context !== context) this.#selected = { context, svid: selected(context, this.#select) };
    const { svid } = this.#selected;
    if (svid === undefined) throw noSvid(context);
    if (Date.now() > svid.notAfter.getTime())
      throw new SourceError("SVID_EXPIRED", `the SVID of ${svid.id.toString()} ended, and no newer one came`);
    return svid;
  }

  /** All bundles now. @throws {SourceError} CLOSED; what ended the source */
  get bundles(): BundleSet<X509Bundle> {
    return this.context.bundles;
  }

  /** The last update as a whole, expired or not. @throws {SourceError} CLOSED; what ended the source */
  get context(): X509Context {
    return this.#live.value;
  }

  /** The revocation lists that came with the last update; none revokes nobody. @throws {SourceError} CLOSED; what ended the source */
  get revocations(): Revocations {
    return this.#revocations.of(this.context.crls, (reason) => {
      this.#live.report(new SourceError("BAD_REVOCATION_LIST", `a revocation list can't be used: ${reason}`), {
        lost: false,
      });
    });
  }

  /** How the source gets along, `expiresAt` being that of the SVID shown. */
  get health(): SourceHealth {
    return this.#live.health;
  }

  /** The bundle of a trust domain now. @throws {SourceError} CLOSED; what ended the source */
  get(trustDomain: TrustDomain): X509Bundle | undefined {
    return this.bundles.get(trustDomain);
  }

  /**
   * The last update and each newer one, whole; a slow reader misses those between. Ends when the source is disposed of.
   * @throws from the loop: the signal's reason; what ended the source
   */
  updates(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<X509Context> {
    return this.#live.updates(options);
  }

  /** Stops. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }
}

function first([svid]: readonly X509Svid[]): X509Svid | undefined {
  return svid;
}

function liveContext({ select = first }: X509SourceChoice): LiveValue<X509Context> {
  return new LiveValue({
    isEmpty: ({ svids }: X509Context): boolean => svids.length === 0,
    expiresAt: (context: X509Context): Date | undefined => expiryOf(context, select),
  });
}

function shareContext(previous: X509Context | undefined, next: X509Context): X509Context {
  return { ...next, bundles: shareBundles(previous?.bundles, next.bundles) };
}

function selected(context: X509Context, select: SelectSvid): X509Svid | undefined {
  try {
    return select(context.svids);
  } catch (cause) {
    throw new SourceError("NO_SVID", "selecting an identity failed", { cause });
  }
}

/** Health is read where connections are judged: it never throws. */
function expiryOf(context: X509Context, select: SelectSvid): Date | undefined {
  try {
    return selected(context, select)?.notAfter;
  } catch {
    return undefined;
  }
}

function noSvid({ svids }: X509Context): SourceError {
  if (svids.length === 0) return new SourceError("NO_SVID", "the identity of this workload was withdrawn");
  return new SourceError("NO_SVID", `none of the ${svids.length} identities of this workload was selected`);
}
