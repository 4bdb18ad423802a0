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
import { workloadApiService } from "@mayfly/rpc";

type Stream = ServerWritableStream<object, object>;

/** A status as grpc-js takes it. */
export interface Ending {
  readonly code: number;
  readonly details: string;
}

type Script = (stream: Stream) => void;
type Unary = (request: never) => object;

const definitions = Object.fromEntries(
  Object.values(workloadApiService.methods).map(
    (method: (typeof workloadApiService.methods)[keyof typeof workloadApiService.methods]) => [
      method.name,
      {
        path: method.path,
        requestStream: false,
        responseStream: method.kind === "server-stream",
        requestSerialize: method.encodeRequest,
        requestDeserialize: method.decodeRequest,
        responseSerialize: method.encodeResponse,
        responseDeserialize: method.decodeResponse,
      },
    ],
  ),
);

/** A Workload API on a Unix socket, served by plain grpc-js with the real contract; tests say what it answers. */
export class Endpoint implements AsyncDisposable {
  readonly #directory: string;
  readonly path: string;
  readonly streams: Set<Stream> = new Set();
  /** Metadata of each call, in order. */
  readonly calls: { readonly method: string; readonly headers: Record<string, unknown> }[] = [];
  #server: Server | undefined;
  #scripts: Record<string, Script> = {};
  #unary: Record<string, Unary> = {};

  constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), "wl-"));
    this.path = join(this.#directory, "agent.sock");
  }

  get address(): string {
    return `unix://${this.path}`;
  }

  /** What happens to a new stream of this method. */
  onStream(method: string, script: Script): void {
    this.#scripts[method] = script;
  }

  onUnary(method: string, answer: Unary): void {
    this.#unary[method] = answer;
  }

  async start(): Promise<void> {
    const server = new Server();
    const implementation: UntypedServiceImplementation = {};
    for (const [name, { responseStream }] of Object.entries(definitions)) {
      implementation[name] = responseStream
        ? (call: Stream) => this.#serveStream(name, call)
        : (call: ServerUnaryCall<object, object>, done: sendUnaryData<object>) => this.#serveUnary(name, call, done);
    }
    server.addService(definitions, implementation);
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix://${this.path}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    this.#server = server;
  }

  stop(): void {
    this.#server?.forceShutdown();
    rmSync(this.path, { force: true });
  }

  push(message: object): void {
    for (const stream of this.streams) stream.write(message);
  }

  end(ending: Ending | undefined): void {
    for (const stream of this.streams) {
      if (ending === undefined) stream.end();
      else stream.emit("error", ending);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    rmSync(this.#directory, { recursive: true });
    return Promise.resolve();
  }

  #serveStream(name: string, call: Stream): void {
    this.calls.push({ method: name, headers: call.metadata.getMap() });
    this.streams.add(call);
    call.on("close", () => this.streams.delete(call));
    call.on("cancelled", () => this.streams.delete(call));
    this.#scripts[name]?.(call);
  }

  #serveUnary(name: string, call: ServerUnaryCall<object, object>, done: sendUnaryData<object>): void {
    this.calls.push({ method: name, headers: call.metadata.getMap() });
    try {
      done(null, this.#unary[name]?.(call.request as never) ?? {});
    } catch (error) {
      done(error as Ending);
    }
  }
}

/** Started. */
export async function startEndpoint(): Promise<Endpoint> {
  const endpoint = new Endpoint();
  await endpoint.start();
  return endpoint;
}

export const denied: Ending = { code: 7, details: "no identity issued" };
