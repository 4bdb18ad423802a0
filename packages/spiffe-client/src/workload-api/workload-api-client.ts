// SPDX-License-Identifier: Apache-2.0
import { RpcChannel, type Sent, type ServerStream, type Unary, WORKLOAD_HEADER, workloadApiService } from "@mayfly/rpc";
import { BundleSet, type JwtBundle, type SpiffeId, type X509Bundle } from "@mayfly/spiffe";
import { WorkloadApiError } from "../errors.ts";
import { endpointTarget } from "./endpoint-target.ts";
import { toWorkloadApiError } from "./call-error.ts";
import {
  type FetchedJwtSvid,
  readJwtBundles,
  readJwtSvids,
  readValidation,
  type ValidatedJwtSvid,
} from "./jwt-answers.ts";
import { watch, type Watched, type WatchOptions } from "./watch.ts";
import { noContext, readX509Bundles, readX509Context, type X509Context } from "./x509-context.ts";

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

/**
 * The calls of the SPIFFE Workload API, without a cache (Workload API §5 and §6). `fetch…` is one round trip; `watch…` goes on for as long
 * as the loop does, over restarts of the endpoint. All throw WorkloadApiError. Who opens it closes it.
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
  async fetchX509Context(options: FetchOptions = {}): Promise<X509Context> {
    return readX509Context(await this.#first(methods.FetchX509SVID, options));
  }

  /** The same, again whenever something changes; without an SVID after it was withdrawn. */
  watchX509Context(options: WatchOptions = {}): AsyncIterable<X509Context> {
    return this.#watch(methods.FetchX509SVID, { read: readX509Context, none: noContext }, options);
  }

  /** The X.509 bundles of the own trust domain and of federated ones. */
  async fetchX509Bundles(options: FetchOptions = {}): Promise<BundleSet<X509Bundle>> {
    return readX509Bundles(await this.#first(methods.FetchX509Bundles, options));
  }

  /** The same, again whenever something changes. */
  watchX509Bundles(options: WatchOptions = {}): AsyncIterable<BundleSet<X509Bundle>> {
    return watch(
      {
        open: () => this.#stream(methods.FetchX509Bundles, options),
        read: readX509Bundles,
        none: BundleSet.of<X509Bundle>(),
      },
      options,
    );
  }

  /** Tokens for these audiences, one for each identity; at least one. */
  async fetchJwtSvids(options: JwtSvidRequest & FetchOptions): Promise<FetchedJwtSvid[]> {
    const { audience, spiffeId = "" } = options;
    const request = { audience, spiffe_id: spiffeId.toString() };
    return readJwtSvids(await this.#unary(methods.FetchJWTSVID, request, options), audience);
  }

  /** The JWT bundles of the own trust domain and of federated ones. */
  async fetchJwtBundles(options: FetchOptions = {}): Promise<BundleSet<JwtBundle>> {
    return readJwtBundles(await this.#first(methods.FetchJWTBundles, options));
  }

  /** The same, again whenever something changes. */
  watchJwtBundles(options: WatchOptions = {}): AsyncIterable<BundleSet<JwtBundle>> {
    return watch(
      {
        open: () => this.#stream(methods.FetchJWTBundles, options),
        read: readJwtBundles,
        none: BundleSet.of<JwtBundle>(),
      },
      options,
    );
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
      return await this.#channel.unary(method, request, { signal, timeoutMs });
    } catch (error) {
      throw toWorkloadApiError(error);
    }
  }

  #stream<Response>(
    method: ServerStream<object, Response>,
    { signal, timeoutMs }: FetchOptions,
  ): AsyncIterable<Response> {
    return this.#channel.serverStream(method, {}, { signal, timeoutMs });
  }

  #watch<Response, Value>(
    method: ServerStream<object, Response>,
    reader: Omit<Watched<Response, Value>, "open">,
    options: WatchOptions,
  ): AsyncIterable<Value> {
    const closed = this.#closed.signal;
    const signal = options.signal === undefined ? closed : AbortSignal.any([options.signal, closed]);
    return watch({ ...reader, open: () => this.#stream(method, { signal }) }, { ...options, signal });
  }

  /** Each message is the whole state: the first is enough. */
  async #first<Response>(method: ServerStream<object, Response>, options: FetchOptions): Promise<Response> {
    try {
      for await (const message of this.#stream(method, options)) return message;
    } catch (error) {
      throw toWorkloadApiError(error);
    }
    throw new WorkloadApiError("UNAVAILABLE", "the endpoint ended the stream");
  }
}
