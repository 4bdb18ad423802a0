// SPDX-License-Identifier: Apache-2.0
import type { ClientTls } from "@mayfly/rpc";
import { PeerVerifier } from "@mayfly/spiffe";
import { X509Source } from "@mayfly/spiffe-client";
import { RpcConnection, type Target, targetOf } from "./channel.ts";
import type { ServerConnection } from "./connection.ts";
import { callFailure } from "./status.ts";

/** Nobody is spoken to but the server of the SVID's own trust domain. */
function tlsOf(source: X509Source): ClientTls {
  const verifier = new PeerVerifier({ bundles: source, revocations: () => source.revocations, role: "server" });
  const expected = `${source.svid.id.trustDomain.idString}/spire/server`;
  return {
    get identity() {
      const { chain, privateKey } = source.svid;
      return { chain: chain.map(({ der }) => der), privateKey };
    },
    verify(chain) {
      const { id } = verifier.verify(chain, new Date());
      if (id.toString() !== expected) throw new Error(`the server is ${id.toString()}, not ${expected}`);
    },
  };
}

class ListenerConnection extends RpcConnection {
  readonly #source: X509Source;

  constructor(target: Target, source: X509Source, signal: AbortSignal) {
    super(target, signal, tlsOf(source));
    this.#source = source;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#source[Symbol.asyncDispose]();
  }
}

/**
 * Opens a server's listener, `host:port`, as the identity that the Workload API gives this process: a task, an operator.
 * @throws {CliFailure} AGENT_UNREACHABLE, or the Workload API's refusal
 */
export async function openListener(
  address: string,
  workloadSocket: string,
  signal: AbortSignal,
): Promise<ServerConnection> {
  const agent = targetOf("agent", workloadSocket);
  const endpoint = agent.place.startsWith("/") ? `unix://${agent.place}` : `tcp://${agent.place}`;
  try {
    const source = await X509Source.open({ address: endpoint, signal });
    return new ListenerConnection({ who: "server", address, place: address }, source, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw await callFailure(error, agent.who, agent.place);
  }
}
