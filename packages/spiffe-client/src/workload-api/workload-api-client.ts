// SPDX-License-Identifier: Apache-2.0
import { RpcChannel, type Sent, type ServerStream, type Unary, WORKLOAD_HEADER, workloadApiService } from "@mayfly/rpc";
import { BundleSet, type JwtBundle, type SpiffeId, type X509Bundle } from "@mayfly/spiffe";
import { WorkloadApiError } from "../errors.ts";
import { endpointTarget } from "./endpoint-target.ts";
import { toWorkloadApiError } from "./call-error.ts";
import { decodeAnswer, rawStream, withRawAnswer } from "./decode-answer.ts";
import { decodeJwtBundles, decodeX509Bundles, decodeX509Svids } from "./decode-streams.ts";
import {
  type FetchedJwtSvid,
  readJwtBundles,
  readJwtSvids,
  readValidation,
  type ValidatedJwtSvid,
} from "./jwt-answers.ts";
import { forwardAbort } from "./forward-abort.ts";
import type { OnIgnored } from "./read-answer.ts";
import { watch, type WatchOptions } from "./watch.ts";
import {
  noContext,
  noTrust,
  readX509Context,
  readX509Trust,
  type X509Context,
  type X509Trust,
} from "./x509-context.ts";

/** Options of one round trip. */
export interface FetchOptions {
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Default: none. */
  readonly timeoutMs?: number | undefined;
}

/** What FetchJWTSVID takes. */
export interface JwtSvidRequest {
  /** At least one; for whom the token is. */
  readonly audience: readonly string[];
  /** Only this identity; default: each that the workload has. */
  readonly spiffeId?: SpiffeId | string | undefined;
}

const { methods } = workloadApiService;

/** A stream of the contract, how its messages are read, and what a caller holds who is refused after all. */
interface WatchedStream<Value> {
  readonly method: ServerStream<object, Buffer>;
  readonly read: (message: Buffer, onIgnored?: OnIgnored) => Value;
  readonly none: Value;
}

const x509Context: WatchedStream<X509Context> = {
  method: rawStream(methods.FetchX509SVID),
  read: (message, onIgnored) => readX509Context(decodeX509Svids(message), onIgnored),
  none: noContext,
};
const x509Trust: WatchedStream<X509Trust> = {
  method: rawStream(methods.FetchX509Bundles),
  read: (message, onIgnored) => readX509Trust(decodeX509Bundles(message), onIgnored),
  none: noTrust,
};
const jwtBundles: WatchedStream<BundleSet<JwtBundle>> = {
  method: rawStream(methods.FetchJWTBundles),
  read: (message, onIgnored) => readJwtBundles(decodeJwtBundles(message), onIgnored),
  none: BundleSet.of<JwtBundle>(),
};

/**
 * The calls of the SPIFFE Workload API, without a cache (Workload API §5 and §6). `fetch…` is one round trip; `watch…` goes on for as long
 * as the loop does, over restarts of the endpoint. A foreign bundle that can't be read is left out. All throw WorkloadApiError. Who opens it closes it.
 */
export class WorkloadApiClient implements Disposable {
  readonly #channel: RpcChannel;
  readonly #closed = new AbortController();

  private constructor(target: string) {
    this.#channel = RpcChannel.open({ address: target, metadata: { [WORKLOAD_HEADER]: "true" } });
  }

  /**
   * Makes a client; nothing is sent before the first call. `address`: `unix:///path` or `tcp://IP:port`; default: what
   * SPIFFE_ENDPOINT_SOCKET says.
   * @throws {EndpointAddressError} NOT_SET when neither is there; others
   */
  static open(options: { readonly address?: string | undefined } = {}): WorkloadApiClient {
    return new WorkloadApiClient(endpointTarget(options.address));
  }

  /** The X.509-SVIDs of this process with their bundles. */
  fetchX509Context(options: FetchOptions = {}): Promise<X509Context> {
    return this.#first(x509Context, options);
  }

  /** The same, again whenever something changes; without an SVID after it was withdrawn. */
  watchX509Context(options: WatchOptions = {}): AsyncIterable<X509Context> {
    return this.#watch(x509Context, options);
  }

  /** The X.509 bundles of the own trust domain and of federated ones. */
  async fetchX509Bundles(options: FetchOptions = {}): Promise<BundleSet<X509Bundle>> {
    return (await this.#first(x509Trust, options)).bundles;
  }

  /** The same, again whenever something changes. */
  async *watchX509Bundles(options: WatchOptions = {}): AsyncGenerator<BundleSet<X509Bundle>, void, undefined> {
    for await (const { bundles } of this.watchX509Trust(options)) yield bundles;
  }

  /** X.509 bundles with the revocation lists that come with them, again whenever something changes. */
  watchX509Trust(options: WatchOptions = {}): AsyncIterable<X509Trust> {
    return this.#watch(x509Trust, options);
  }

  /** Tokens for these audiences, one for each identity; at least one. @throws {TypeError} without an audience */
  async fetchJwtSvids(options: JwtSvidRequest & FetchOptions): Promise<FetchedJwtSvid[]> {
    const { audience, spiffeId = "" } = options;
    if (audience.length === 0 || audience.includes(""))
      throw new TypeError("a token is for one audience at least, none empty");
    const request = { audience, spiffe_id: spiffeId.toString() };
    return readJwtSvids(await this.#unary(methods.FetchJWTSVID, request, options), audience);
  }

  /** The JWT bundles of the own trust domain and of federated ones. */
  fetchJwtBundles(options: FetchOptions = {}): Promise<BundleSet<JwtBundle>> {
    return this.#first(jwtBundles, options);
  }

  /** The same, again whenever something changes. */
  watchJwtBundles(options: WatchOptions = {}): AsyncIterable<BundleSet<JwtBundle>> {
    return this.#watch(jwtBundles, options);
  }

  /** Has the endpoint validate a token for one audience. @throws {WorkloadApiError} INVALID_REQUEST when it is not valid */
  async validateJwtSvid(
    options: { readonly audience: string; readonly token: string } & FetchOptions,
  ): Promise<ValidatedJwtSvid> {
    const { audience, token } = options;
    return readValidation(await this.#unary(methods.ValidateJWTSVID, { audience, svid: token }, options));
  }

  /** Ends all calls and the connection. Idempotent. */
  close(): void {
    this.#closed.abort(new WorkloadApiError("CLOSED", "the client was closed"));
    this.#channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #unary<Request, Response>(
    method: Unary<Request, Response>,
    request: Sent<Request>,
    { signal, timeoutMs }: FetchOptions,
  ): Promise<Response> {
    try {
      const bytes = await this.#channel.unary(withRawAnswer(method), request, { signal, timeoutMs });
      return decodeAnswer(method, bytes);
    } catch (error) {
      throw toWorkloadApiError(error);
    }
  }

  async *#watch<Value>(
    { method, read, none }: WatchedStream<Value>,
    options: WatchOptions,
  ): AsyncGenerator<Value, void, undefined> {
    const end = new AbortController();
    const release = forwardAbort(end, [options.signal, this.#closed.signal]);
    const open = (signal: AbortSignal): AsyncIterable<Buffer> => this.#channel.serverStream(method, {}, { signal });
    try {
      yield* watch({ open, read, none }, { ...options, signal: end.signal });
    } finally {
      release();
    }
  }

  /** Each message is the whole state: the first is enough. */
  async #first<Value>({ method, read }: WatchedStream<Value>, { signal, timeoutMs }: FetchOptions): Promise<Value> {
    try {
      const messages = this.#channel.serverStream(method, {}, { signal, timeoutMs });
      for await (const message of messages) return read(message);
    } catch (error) {
      throw toWorkloadApiError(error);
    }
    throw new WorkloadApiError("UNAVAILABLE", "the endpoint ended the stream");
  }
}
