// SPDX-License-Identifier: Apache-2.0
import { serverTls, X509Source } from "@mayfly/spiffe-client";
import { RpcConnection, type Target, targetOf } from "./channel.ts";
import type { ServerConnection } from "./connection.ts";
import { CliFailure, exitCode } from "./failure.ts";
import { selectSvid, selectTask } from "./select-svid.ts";
import { callFailure } from "./status.ts";

/** Nobody is spoken to but the server of the SVID's own trust domain. */
class ListenerConnection extends RpcConnection {
  readonly #source: X509Source;

  constructor(target: Target, source: X509Source, signal: AbortSignal) {
    super(target, signal, serverTls(source, source.svid.id.trustDomain));
    this.#source = source;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#source[Symbol.asyncDispose]();
  }
}

/** Longer than an agent needs to answer; a process without an identity would wait for ever. */
const identityTimeoutMs = 10_000;

/** How the listener of a server is reached. */
export interface ListenerChoice {
  /** `host:port`. */
  readonly address: string;
  /** Where the identity comes from. */
  readonly workloadSocket: string;
  /** Which identity: a SPIFFE ID, or that of the task that this process is; undefined = the first. */
  readonly identity?: string | { readonly of: "task" } | undefined;
}

/** What the Workload API gives this process. @throws {CliFailure} AGENT_UNREACHABLE, NO_IDENTITY; the Workload API's refusal */
async function openIdentity({ workloadSocket, identity }: ListenerChoice, signal: AbortSignal): Promise<X509Source> {
  const agent = targetOf("agent", workloadSocket);
  const endpoint = agent.place.startsWith("/") ? `unix://${agent.place}` : `tcp://${agent.place}`;
  const late = AbortSignal.timeout(identityTimeoutMs);
  let last: unknown;
  try {
    return await X509Source.open({
      address: endpoint,
      signal: AbortSignal.any([signal, late]),
      onError: (error) => {
        last = error;
      },
      ...(identity !== undefined && {
        select: typeof identity === "string" ? selectSvid(identity) : selectTask,
      }),
    });
  } catch (error) {
    signal.throwIfAborted();
    const failure = await callFailure(late.aborted ? (last ?? error) : error, agent.who, agent.place);
    if (failure.exit === exitCode.unreachable) throw failure;
    throw new CliFailure("NO_IDENTITY", `this process gets no identity from ${agent.place}: ${failure.message}`, {
      hint: "mayfly explain --pid tells why",
      cause: error,
    });
  }
}

/**
 * Opens a server's listener as an identity that the Workload API gives this process: a task's, an operator's.
 * @throws {CliFailure} AGENT_UNREACHABLE, NO_IDENTITY
 */
export async function openListener(choice: ListenerChoice, signal: AbortSignal): Promise<ServerConnection> {
  const source = await openIdentity(choice, signal);
  const { address, identity } = choice;
  const held = source.context.svids;
  const named =
    typeof identity === "object" ? selectTask(held) : identity === undefined ? held[0] : selectSvid(identity)(held);
  if (named !== undefined) return new ListenerConnection({ who: "server", address, place: address }, source, signal);
  await source[Symbol.asyncDispose]();
  const wanted = typeof identity === "string" ? identity : "a task";
  const others = held.map(({ id }) => id.toString()).join(", ");
  throw new CliFailure("NO_IDENTITY", `this process is not ${wanted} but ${others}`);
}
