// SPDX-License-Identifier: Apache-2.0
import {
  type ChannelCredentials,
  Client,
  Metadata,
  Server,
  type ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { callPeer } from "../src/index.ts";

const text = (value: string): Buffer => Buffer.from(value);
const read = (value: Buffer): string => value.toString();

function method(name: string, requestStream: boolean, responseStream: boolean): ServiceDefinition[string] {
  return {
    path: `/test.Greeter/${name}`,
    requestStream,
    responseStream,
    requestSerialize: text,
    requestDeserialize: read,
    responseSerialize: text,
    responseDeserialize: read,
  };
}

const definition: ServiceDefinition = {
  Unary: method("Unary", false, false),
  Collect: method("Collect", true, false),
  Watch: method("Watch", false, true),
  Chat: method("Chat", true, true),
};

/** A stock grpc-js server with one method of each kind, that says who calls. */
export interface Greeter extends AsyncDisposable {
  readonly port: number;
  /** Requests that reached a handler. */
  readonly seen: string[];
  /** Streams of Watch and Chat that are open. */
  readonly open: Set<ServerWritableStream<string, string> | ServerDuplexStream<string, string>>;
  /** Unary requests that ask for "wait" are answered by this. */
  release(): void;
}

/** Listens on 127.0.0.1, on any port unless one is wanted. */
export async function startGreeter(credentials: ServerCredentials, wanted = 0): Promise<Greeter> {
  const seen: string[] = [];
  const open: Greeter["open"] = new Set();
  const waiting: (() => void)[] = [];
  const server = new Server();
  const hello = (call: Parameters<typeof callPeer>[0], what: string): string => {
    seen.push(what);
    return `${callPeer(call).id.toString()}: ${what}`;
  };
  const keep = (call: ServerWritableStream<string, string> | ServerDuplexStream<string, string>): void => {
    open.add(call);
    for (const end of ["close", "cancelled", "error"]) call.on(end, () => open.delete(call));
  };
  server.addService(definition, {
    Unary(call: ServerUnaryCall<string, string>, done: sendUnaryData<string>) {
      const answer = hello(call, call.request);
      if (call.request === "wait") waiting.push(() => done(null, answer));
      else done(null, answer);
    },
    Collect(call: ServerReadableStream<string, string>, done: sendUnaryData<string>) {
      const all: string[] = [];
      call.on("data", (part: string) => all.push(part));
      call.on("end", () => done(null, hello(call, all.join("+"))));
    },
    Watch(call: ServerWritableStream<string, string>) {
      keep(call);
      call.write(hello(call, call.request));
    },
    Chat(call: ServerDuplexStream<string, string>) {
      keep(call);
      call.on("data", (part: string) => call.write(hello(call, part)));
      call.on("end", () => call.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wanted}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    seen,
    open,
    release: () => {
      for (const each of waiting.splice(0)) each();
    },
    [Symbol.asyncDispose]() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** A stock client of it. */
export class GreeterClient implements Disposable {
  readonly client: Client;

  constructor(port: number, credentials: ChannelCredentials, options: Record<string, number> = {}) {
    this.client = new Client(`127.0.0.1:${port}`, credentials, {
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 100,
      ...options,
    });
  }

  unary(request: string, path = "/test.Greeter/Unary"): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + 5_000;
      this.client.makeUnaryRequest(path, text, read, request, new Metadata(), { deadline }, (error, answer) =>
        error === null ? resolve(answer ?? "") : reject(error),
      );
    });
  }

  collect(...parts: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = this.client.makeClientStreamRequest("/test.Greeter/Collect", text, read, (error, answer) =>
        error === null ? resolve(answer ?? "") : reject(error),
      );
      for (const part of parts) call.write(part);
      call.end();
    });
  }

  watch(request: string): AsyncIterableIterator<string> {
    const call = this.client.makeServerStreamRequest("/test.Greeter/Watch", text, read, request);
    return call.iterator() as AsyncIterableIterator<string>;
  }

  async chat(...parts: string[]): Promise<string[]> {
    const call = this.client.makeBidiStreamRequest("/test.Greeter/Chat", text, read);
    for (const part of parts) call.write(part);
    call.end();
    return await (call as AsyncIterable<string> & { toArray(): Promise<string[]> }).toArray();
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}
