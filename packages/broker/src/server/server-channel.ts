// SPDX-License-Identifier: Apache-2.0
import { RpcChannel } from "@mayfly/rpc";
import { PeerVerifier, type TrustDomain } from "@mayfly/spiffe";
import type { X509Source } from "@mayfly/spiffe-client";

/** A channel to the Mayfly server with the newest SVID of the source; to nobody but the server. Who opens it closes it. */
export function openServerChannel(options: {
  readonly address: string;
  readonly source: X509Source;
  readonly trustDomain: TrustDomain;
}): RpcChannel {
  const { address, source, trustDomain } = options;
  const verifier = new PeerVerifier({ bundles: source, revocations: () => source.revocations, role: "server" });
  const expected = `${trustDomain.idString}/spire/server`;
  return RpcChannel.open({
    address,
    keepaliveMs: 10_000,
    tls: {
      get identity() {
        const { chain, privateKey } = source.svid;
        return { chain: chain.map(({ der }) => der), privateKey };
      },
      verify(chain) {
        const { id } = verifier.verify(chain, new Date());
        if (id.toString() !== expected) throw new Error(`the server is ${id.toString()}, not ${expected}`);
      },
    },
  });
}
