// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { bundleMap, type FakeBundles, type FakeX509State, x509BundlesMessage, x509Message } from "./fake-state.ts";
import { definitions, type WireMessage } from "./wire-definitions.ts";

/** A call that the fake got. */
export interface FakeCall {
  readonly method: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A gRPC status. */
export interface FakeStatus {
  readonly code: number;
  readonly details: string;
}

/** A stream that a client has open. */
export type FakeStream = ServerWritableStream<object, WireMessage>;

/** What happens to a new stream. */
export type StreamScript = (stream: FakeStream) => void;

/** What a call is answered; throws a FakeStatus to refuse it. */
export type UnaryAnswer = (request: never) => WireMessage | Promise<WireMessage>;

/** No identity for the caller. */
export const noIdentity: FakeStatus = { code: 7, details: "no identity issued" };

/**
 * A SPIFFE Workload API on a Unix socket, served by plain grpc-js with the real contract. It says what a test wants: `push…` is the state of
 * open streams and of new ones; `onStream` and `onUnary` are scripts for what a state can't say. A method that nothing was said of stays
 * silent (streams) or gives an empty answer (calls).
 */
export class FakeWorkloadApi implements AsyncDisposable {
  readonly #directory: string = mkdtempSync(join(tmpdir(), "wl-"));
  /** The socket. */
  readonly path: string = join(this.#directory, "agent.sock");
  /** In order, with metadata. */
  readonly calls: FakeCall[] = [];
  /** Those that are open. */
  readonly streams: Set<FakeStream> = new Set();
  readonly #methods = new WeakMap<FakeStream, string>();
  readonly #scripts = new Map<string, StreamScript>();
  readonly #answers = new Map<string, UnaryAnswer>();
  #refusal: FakeStatus | undefined;
  #server: Server | undefined;

  /** Started, and silent. */
  static async start(): Promise<FakeWorkloadApi> {
    const api = new FakeWorkloadApi();
    await api.start();
    return api;
  }

  /** For SPIFFE_ENDPOINT_SOCKET. */
  get address(): string {
    return `unix://${this.path}`;
  }

  /** Opens the socket, again after `stop`. */
  async start(): Promise<void> {
    const server = new Server({ "grpc.max_send_message_length": -1 });
    const implementation: UntypedServiceImplementation = {};
    for (const [name, { responseStream }] of Object.entries(definitions)) {
      implementation[name] = responseStream
        ? (call: FakeStream) => this.#serveStream(name, call)
        : (call: ServerUnaryCall<object, object>, done: sendUnaryData<WireMessage>) =>
            void this.#serveUnary(name, call, done);
    }
    server.addService(definitions, implementation);
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(this.address, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    this.#server = server;
  }

  /** Cuts all connections and removes the socket. */
  stop(): void {
    this.#server?.forceShutdown();
    rmSync(this.path, { force: true });
  }

  /** What FetchX509SVID says from now on, at once to those who listen. */
  pushX509(state: FakeX509State): void {
    this.push(x509Message(state), "FetchX509SVID");
  }

  /** What FetchX509Bundles says from now on. `crls`: DER. */
  pushX509Bundles(bundles: FakeBundles, crls: readonly Uint8Array[] = []): void {
    this.push(x509BundlesMessage(bundles, crls), "FetchX509Bundles");
  }

  /** What FetchJWTBundles says from now on: JWK sets, JSON text, by trust domain. */
  pushJwtBundles(bundles: Readonly<Record<string, Uint8Array | string>>): void {
    this.push({ bundles: bundleMap(bundles) }, "FetchJWTBundles");
  }

  /** Sends a message to those who listen; with a method it goes to new streams of this method too, from now on. */
  push(message: WireMessage, method?: string): void {
    this.#refusal = undefined;
    if (method !== undefined) this.onStream(method, (stream) => void stream.write(message));
    for (const stream of this.streams) {
      if (method === undefined || this.#methods.get(stream) === method) stream.write(message);
    }
  }

  /** Every call is refused from now on, open streams too, until something is pushed. Default: PERMISSION_DENIED, no identity. */
  refuse(code: number = noIdentity.code, details: string = noIdentity.details): void {
    this.#refusal = { code, details };
    this.end(this.#refusal);
  }

  /** Ends open streams only; without a code with OK. */
  endStreams(code?: number, details = "ended"): void {
    this.end(code === undefined ? undefined : { code, details });
  }

  /** As `endStreams`, with the status as it is. */
  end(status: FakeStatus | undefined): void {
    for (const stream of this.streams) {
      if (status === undefined) stream.end();
      else stream.emit("error", status);
    }
  }

  /** What happens to a new stream of this method. */
  onStream(method: string, script: StreamScript): void {
    this.#scripts.set(method, script);
  }

  /** What a call of this method is answered. */
  onUnary(method: string, answer: UnaryAnswer): void {
    this.#answers.set(method, answer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    rmSync(this.#directory, { recursive: true });
    return Promise.resolve();
  }

  #serveStream(name: string, stream: FakeStream): void {
    this.calls.push({ method: name, headers: stream.metadata.getMap() });
    if (this.#refusal !== undefined) {
      stream.emit("error", this.#refusal);
      return;
    }
    this.streams.add(stream);
    this.#methods.set(stream, name);
    stream.on("close", () => this.streams.delete(stream));
    stream.on("cancelled", () => this.streams.delete(stream));
    this.#scripts.get(name)?.(stream);
  }

  async #serveUnary(
    name: string,
    call: ServerUnaryCall<object, object>,
    done: sendUnaryData<WireMessage>,
  ): Promise<void> {
    this.calls.push({ method: name, headers: call.metadata.getMap() });
    try {
      if (this.#refusal !== undefined) throw this.#refusal;
      done(null, (await this.#answers.get(name)?.(call.request as never)) ?? {});
    } catch (error) {
      done(error as FakeStatus);
    }
  }
}
