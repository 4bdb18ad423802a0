// SPDX-License-Identifier: Apache-2.0
import { type ClientTls, RpcChannel } from "@mayfly/rpc";
import type { TrustDomain } from "@mayfly/spiffe";
import { verifyChain } from "./connections/verify-chain.ts";
import type { X509Source } from "./sources/x509-source.ts";

/** A channel to the Mayfly server with the newest SVID of the source; to nobody but the server. Who opens it closes it. */
export function openServerChannel(options: {
  /** `host:port`. */
  readonly address: string;
  readonly source: X509Source;
  readonly trustDomain: TrustDomain;
}): RpcChannel {
  const { address, source, trustDomain } = options;
  return RpcChannel.open({ address, keepaliveMs: 10_000, tls: serverTls(source, trustDomain) });
}

/** How an RpcChannel speaks to the Mayfly server of a trust domain: it shows the newest SVID of the source, and takes nobody else. */
export function serverTls(source: X509Source, trustDomain: TrustDomain): ClientTls {
  const expected = `${trustDomain.idString}/spire/server`;
  return {
    get identity() {
      const { chain, privateKey } = source.svid;
      return { chain: chain.map(({ der }) => der), privateKey };
    },
    verify(chain) {
      const { id } = verifyChain(chain, source, "server");
      if (id.toString() !== expected) throw new Error(`the server is ${id.toString()}, not ${expected}`);
    },
  };
}
