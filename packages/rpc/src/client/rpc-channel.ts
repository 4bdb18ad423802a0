// SPDX-License-Identifier: Apache-2.0
import { Client, ChannelCredentials, type ChannelOptions as LibraryOptions, Metadata, status } from "@grpc/grpc-js";
import type { Sent } from "../message.ts";
import type { Bidi, ServerStream, Unary } from "../service.ts";
import { type CallEnd, readResponses, sendRequests } from "./call-stream.ts";
import { StatusError } from "../status/status-error.ts";
import { toStatusError } from "./call-error.ts";
import { type ClientTls, TlsCredentials } from "./tls-credentials.ts";

/** Where a channel goes and how. */
export interface ChannelOptions {
  /** `unix:///absolute/path` or `host:port` (IPv6: `[::1]:port`). */
  readonly address: string;
  /** Sent with every call; keys in lower case. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** undefined = plain text. */
  readonly tls?: ClientTls | undefined;
  /** Probes a silent connection this often while calls are open. Default: never; servers in Go end connections below 5 min. */
  readonly keepaliveMs?: number | undefined;
}

/** Options of one call. */
export interface CallOptions {
  /** Cancels the call; the promise or loop rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The server learns of it; after it the call fails with DEADLINE_EXCEEDED. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Beside that of the channel. A list is sent as several values of one key. */
  readonly metadata?: Readonly<Record<string, string | readonly string[]>> | undefined;
}

/**
 * A connection to one gRPC server, opened by the first call and again whenever it is lost. Calls fail with a StatusError, and with
 * UNAVAILABLE at once while there is no connection. Who opens it closes it.
 */
export class RpcChannel implements Disposable {
  readonly #client: Client;
  readonly #credentials: TlsCredentials | undefined;
  readonly #metadata: Metadata;
  readonly #calls = new Set<Cancellable>();
  #closed = false;

  private constructor(options: ChannelOptions) {
    const { address, tls } = options;
    this.#credentials = tls === undefined ? undefined : new TlsCredentials(tls);
    const credentials = this.#credentials ?? ChannelCredentials.createInsecure();
    this.#client = new Client(address, credentials, libraryOptions(options));
    this.#metadata = toMetadata(options.metadata ?? {});
  }

  /** Makes a channel; nothing is sent before the first call. */
  static open(options: ChannelOptions): RpcChannel {
    return new RpcChannel(options);
  }

  /** One request, one response. @throws {StatusError} */
  unary<Request, Response>(
    method: Unary<Request, Response>,
    request: Sent<Request>,
    options: CallOptions = {},
  ): Promise<Response> {
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.encodeRequest,
        method.decodeResponse,
        request as object,
        this.#metadataOf(options),
        deadlineOf(options),
        (error, response) => {
          release();
          if (error === null && response !== undefined) resolve(response);
          else reject(signal?.aborted === true ? signal.reason : toStatusError(error, this.#credentials?.lastError));
        },
      );
      const release = this.#hold(call, signal);
    });
  }

  /** One request, a stream of responses. Leaving the loop cancels the call. @throws {StatusError} from the loop */
  async *serverStream<Request, Response>(
    method: ServerStream<Request, Response>,
    request: Sent<Request>,
    options: CallOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    this.#assertOpen(options);
    const call = this.#client.makeServerStreamRequest(
      method.path,
      method.encodeRequest,
      method.decodeResponse,
      request as object,
      this.#metadataOf(options),
      deadlineOf(options),
    );
    const release = this.#hold(call, options.signal);
    try {
      yield* readResponses(call, this.#end(options));
    } finally {
      release();
    }
  }

  /** A stream in each direction; `requests` is returned when the call is over. Leaving the loop cancels the call. @throws {StatusError} from the loop */
  async *bidi<Request, Response>(
    method: Bidi<Request, Response>,
    requests: AsyncIterable<Sent<Request>>,
    options: CallOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    this.#assertOpen(options);
    const call = this.#client.makeBidiStreamRequest(
      method.path,
      method.encodeRequest as (message: Sent<Request>) => Buffer,
      method.decodeResponse,
      this.#metadataOf(options),
      deadlineOf(options),
    );
    const release = this.#hold(call, options.signal);
    const sending = sendRequests(call, requests);
    try {
      yield* readResponses(call, this.#end(options), sending);
    } finally {
      sending.stop();
      release();
    }
  }

  /** Cancels what is open and ends the connection; later calls fail with CANCELLED. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #assertOpen({ signal }: CallOptions): void {
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();
  }

  /** Lets the signal and `close` cancel the call until the function returned is called. */
  #hold(call: Cancellable, signal: AbortSignal | undefined): () => void {
    const cancel = (): void => call.cancel();
    this.#calls.add(call);
    signal?.addEventListener("abort", cancel, { once: true });
    return () => {
      this.#calls.delete(call);
      signal?.removeEventListener("abort", cancel);
    };
  }

  #end({ signal }: CallOptions): CallEnd {
    return { signal, toError: (error) => toStatusError(error, this.#credentials?.lastError) };
  }

  #metadataOf({ metadata }: CallOptions): Metadata {
    if (metadata === undefined) return this.#metadata;
    const own = this.#metadata.clone();
    own.merge(toMetadata(metadata));
    return own;
  }
}

interface Cancellable {
  cancel(): void;
}

function closedError(): StatusError {
  return new StatusError(status.CANCELLED, "the channel is closed");
}

function toMetadata(record: Readonly<Record<string, string | readonly string[]>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(record)) {
    for (const each of typeof value === "string" ? [value] : value) metadata.add(key, each);
  }
  return metadata;
}

function deadlineOf({ timeoutMs }: CallOptions): { deadline?: number } {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

function libraryOptions({ address, keepaliveMs }: ChannelOptions): LibraryOptions {
  const local = address.startsWith("unix:");
  return {
    "grpc.enable_channelz": 0,
    // A channel's connection ends with it and is shared with nobody.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.initial_reconnect_backoff_ms": local ? 50 : 250,
    "grpc.max_reconnect_backoff_ms": local ? 1000 : 5000,
    ...(keepaliveMs === undefined ? {} : { "grpc.keepalive_time_ms": keepaliveMs }),
  };
}
