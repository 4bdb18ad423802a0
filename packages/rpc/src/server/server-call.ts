// SPDX-License-Identifier: Apache-2.0
import { type Metadata, type ServerInterceptingCallInterface, status } from "@grpc/grpc-js";
import { Encoded } from "../encoded.ts";
import type { CallContext } from "../handlers.ts";
import { StatusError } from "../status/status-error.ts";
import { wireStatus } from "../status/wire-status.ts";
import type { Connection, OpenCall } from "./connection.ts";
import { RequestQueue } from "./request-queue.ts";
import type { AnyHandler, Route } from "./served-service.ts";

/** Turns what a handler threw into the status that the caller gets. */
type ErrorMapper<Peer> = (context: CallContext<Peer>, error: unknown) => StatusError;

/** What is the same for all calls of a server. */
export interface CallRules<Peer> {
  /** Throws to refuse the call before anything is read. */
  admit(context: CallContext<Peer>): void;
  readonly toStatus: ErrorMapper<Peer>;
  readonly maxEndMs: number;
}

/** What a call belongs to. */
export interface CallOrigin<Peer> {
  readonly connection: Connection<Peer>;
  readonly route: Route<Peer>;
  readonly rules: CallRules<Peer>;
}

// Why the signal of a call is aborted; one of each for all calls, since an error is dear.
const answered = new StatusError(status.CANCELLED, "the call is over");
const cancelled = new StatusError(status.CANCELLED, "the call was cancelled");
const tooLate = new StatusError(status.DEADLINE_EXCEEDED, "the deadline passed");

/** One call from its first header to its status: runs the handler and is the context that the handler sees. */
export class ServerCall<Peer> implements CallContext<Peer>, OpenCall {
  readonly connection: Connection<Peer>;
  readonly #route: Route<Peer>;
  readonly #wire: ServerInterceptingCallInterface;
  readonly #rules: CallRules<Peer>;
  #metadata: Metadata | undefined;
  #request: { readonly message: unknown } | undefined;
  #requests: RequestQueue<unknown> | undefined;
  #responses: AsyncIterator<unknown> | undefined;
  #abort: AbortController | undefined;
  #over: StatusError | undefined;
  #sending = false;
  #stuck: NodeJS.Timeout | undefined;

  constructor(wire: ServerInterceptingCallInterface, origin: CallOrigin<Peer>) {
    this.#wire = wire;
    this.connection = origin.connection;
    this.#route = origin.route;
    this.#rules = origin.rules;
  }

  get peer(): Peer {
    return this.connection.peer;
  }

  get path(): string {
    return this.#route.method.path;
  }

  get streaming(): boolean {
    return this.#route.method.kind !== "unary";
  }

  get metadata(): Metadata {
    if (this.#metadata === undefined) throw new TypeError("the call has not started");
    return this.#metadata;
  }

  get deadline(): Date | undefined {
    const deadline = this.#wire.getDeadline();
    if (deadline instanceof Date) return deadline;
    return Number.isFinite(deadline) ? new Date(deadline) : undefined;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#over !== undefined) this.#abort.abort(this.#over);
    }
    return this.#abort.signal;
  }

  end(status: StatusError): void {
    if (this.#over === undefined) this.#finish(status);
  }

  /** Serves the call to its end. */
  run(): void {
    this.connection.calls.add(this);
    this.#wire.start({
      onReceiveMetadata: (metadata) => {
        this.#metadata = metadata;
        try {
          this.#rules.admit(this);
          this.#start();
        } catch (error) {
          this.#fail(error);
        }
      },
      onReceiveMessage: (message: unknown) => this.#receive(message),
      onReceiveHalfClose: () => this.#halfClose(),
      onCancel: () => this.#gone(),
    });
  }

  #start(): void {
    const { handler, method } = this.#route;
    if (handler === undefined) {
      this.end(new StatusError(status.UNIMPLEMENTED, `method ${method.name} not implemented`));
    } else if (method.kind === "bidi") {
      this.#requests = new RequestQueue(() => this.#wire.startRead());
      this.#stream(handler, this.#requests);
    } else {
      this.#wire.startRead();
    }
  }

  #receive(message: unknown): void {
    if (this.#requests !== undefined) {
      this.#requests.push(message);
    } else if (this.#request === undefined) {
      this.#request = { message };
      this.#wire.startRead();
    } else {
      this.end(new StatusError(status.INTERNAL, "the method takes one request"));
    }
  }

  /**
   * @NOTE the library reports a stream that the caller reset as half-closed first, as if its requests were complete. Asking it for more
   * makes it look at the stream: then the cancellation is told before the next tick's work.
   */
  #halfClose(): void {
    this.#wire.startRead();
    process.nextTick(() => {
      if (this.#over === undefined) this.#serve();
    });
  }

  /** All requests are here. */
  #serve(): void {
    const { handler } = this.#route;
    if (this.#requests !== undefined) this.#requests.end();
    else if (handler === undefined) return;
    else if (this.#request === undefined) this.end(new StatusError(status.INTERNAL, "the method takes one request"));
    else if (this.streaming) this.#stream(handler, this.#request.message);
    else void this.#unary(handler, this.#request.message);
  }

  async #unary(handler: AnyHandler<Peer>, request: unknown): Promise<void> {
    try {
      const response = await handler(request, this);
      if (this.#over === undefined) this.#send(response, () => this.#finish(undefined));
    } catch (error) {
      this.#fail(error);
    }
  }

  #stream(handler: AnyHandler<Peer>, input: unknown): void {
    try {
      const iterable = handler(input, this) as AsyncIterable<unknown>;
      this.#responses = iterable[Symbol.asyncIterator]();
      this.#pump(this.#responses);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Asks for the next response when the last one was taken by the connection. */
  #pump(responses: AsyncIterator<unknown>): void {
    responses.next().then(
      (next) => {
        if (this.#over !== undefined) return;
        if (next.done === true) this.#finish(undefined);
        else this.#trySend(next.value, responses);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #trySend(response: unknown, responses: AsyncIterator<unknown>): void {
    try {
      this.#send(response, () => this.#pump(responses));
    } catch (error) {
      this.#fail(error);
    }
  }

  #send(response: unknown, taken: () => void): void {
    const bytes = response instanceof Encoded ? response.bytes : this.#route.method.encodeResponse(response as object);
    this.#sending = true;
    this.#wire.sendMessage(bytes, () => {
      this.#sending = false;
      if (this.#over === undefined) taken();
    });
  }

  #fail(error: unknown): void {
    if (this.#over !== undefined) return;
    this.#finish(error instanceof StatusError ? error : this.#rules.toStatus(this, error));
  }

  /** Sends the status (undefined = OK) and lets go of everything. */
  #finish(ended: StatusError | undefined): void {
    const sending = this.#sending;
    this.#settle(ended ?? answered);
    this.#wire.sendStatus(ended === undefined ? { code: status.OK, details: "OK", metadata: null } : wireStatus(ended));
    if (sending) this.#waitForEnd();
  }

  /** A status waits behind the message that the peer did not take. */
  #waitForEnd(): void {
    const cut = (): void => this.connection.close("a peer took no more data");
    this.#stuck = setTimeout(cut, this.#rules.maxEndMs).unref();
  }

  /** The stream is closed: after our status, or because the caller left, its deadline passed, or the connection is gone. */
  #gone(): void {
    clearTimeout(this.#stuck);
    if (this.#over !== undefined) return;
    const late = Number(this.#wire.getDeadline()) <= Date.now();
    this.#settle(late ? tooLate : cancelled);
  }

  #settle(over: StatusError): void {
    this.#over = over;
    this.connection.calls.delete(this);
    this.#requests?.fail(over);
    this.#abort?.abort(over);
    // Whatever the generator still throws belongs to nobody.
    this.#responses?.return?.().catch(() => undefined);
  }
}
