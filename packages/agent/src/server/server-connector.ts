// SPDX-License-Identifier: Apache-2.0
import { RpcChannel } from "@mayfly/rpc";
import type { AgentSvid } from "../identity/agent-svid.ts";
import type { ServerVerifier } from "../trust/server-verifier.ts";

/** A silent peer is noticed after so long. */
const keepaliveMs = 60_000;

/** Opens channels to the servers of one trust domain, going to the next address after a failure. */
export class ServerConnector {
  readonly #addresses: readonly string[];
  #at = 0;

  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  /** The address that is tried now. */
  get address(): string {
    return this.#addresses[this.#at % this.#addresses.length] ?? "";
  }

  /** The address failed: the next one is tried from now on. */
  failOver(): void {
    this.#at += 1;
  }

  /** A channel with the agent's certificate, or without one for attestation. Nothing is sent yet; who opens it closes it. */
  open(verify: ServerVerifier, svid?: AgentSvid): RpcChannel {
    const identity = svid && { chain: svid.chain, privateKey: svid.privateKey };
    return RpcChannel.open({ address: this.address, tls: { verify, identity }, keepaliveMs });
  }
}
