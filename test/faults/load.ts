// SPDX-License-Identifier: Apache-2.0
import { agentService, entryService, RpcChannel, svidService } from "@mayfly/rpc";
import { Certificate, createRequest } from "@mayfly/x509";
import { newKeys } from "../bench/fake-agent.ts";
import { createEntries, type Target, trustDomain } from "../bench/target.ts";

/** A join token and how often somebody got an agent SVID for it. */
interface SpentToken {
  readonly value: string;
  spent: number;
}

/** What a server acknowledged to its clients before it was killed. */
export interface Acknowledged {
  /** Entries that were created and not deleted. */
  readonly entries: Set<string>;
  readonly deletedEntries: Set<string>;
  /** Serial numbers of certificates in somebody's hands. */
  readonly serials: bigint[];
  readonly tokens: SpentToken[];
}

/** Attests once with a token and a fresh key; true when the server gave an agent SVID. */
export async function spend(target: Target, token: string, serials: bigint[]): Promise<boolean> {
  using channel = RpcChannel.open({ address: target.address, tls: { verify: () => undefined } });
  const csr = createRequest({ keys: newKeys() });
  async function* steps(): AsyncGenerator<object> {
    yield { params: { data: { type: "join_token", payload: Buffer.from(token) }, params: { csr } } };
  }
  try {
    for await (const { result } of channel.bidi(agentService.methods.AttestAgent, steps(), { timeoutMs: 5_000 })) {
      const [leaf] = result?.svid?.cert_chain ?? [];
      if (leaf === undefined) return false;
      serials.push(Certificate.parse(leaf).serialNumber);
      return true;
    }
    return false;
  } catch {
    return false;
  }
}

/** Clients of a server that is being killed: each goes on as soon as the server answers again. */
export class Load {
  readonly acknowledged: Acknowledged = { entries: new Set(), deletedEntries: new Set(), serials: [], tokens: [] };
  readonly #target: Target;
  readonly #lanes: Promise<void>[] = [];
  #running = true;
  #made = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  start(): void {
    this.#lane(() => this.#changeEntries());
    this.#lane(() => this.#mint());
    this.#lane(() => this.#mint());
    this.#lane(() => this.#attest());
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#lanes);
  }

  #lane(work: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      while (this.#running) {
        try {
          await work();
        } catch {
          // The server is down: that is the point. Nothing was acknowledged.
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    };
    this.#lanes.push(run());
  }

  async #changeEntries(): Promise<void> {
    const { entries, deletedEntries } = this.acknowledged;
    this.#made += 1;
    const [id = ""] = await createEntries(this.#target.admin, `spiffe://${trustDomain}/node`, [`/e-${this.#made}`]);
    entries.add(id);
    if (this.#made % 3 !== 0) return;
    entries.delete(id);
    const { results } = await this.#target.admin.unary(entryService.methods.BatchDeleteEntry, { ids: [id] });
    if (results[0]?.status?.code === 0) deletedEntries.add(id);
  }

  async #mint(): Promise<void> {
    const csr = createRequest({ keys: newKeys(), uris: [`spiffe://${trustDomain}/minted`] });
    const { svid } = await this.#target.admin.unary(svidService.methods.MintX509SVID, { csr, ttl: 600 });
    const [leaf] = svid?.cert_chain ?? [];
    if (leaf !== undefined) this.acknowledged.serials.push(Certificate.parse(leaf).serialNumber);
  }

  /** Two clients with one token at the same time. */
  async #attest(): Promise<void> {
    const { serials, tokens } = this.acknowledged;
    const { value } = await this.#target.admin.unary(agentService.methods.CreateJoinToken, { ttl: 3_600 });
    const token: SpentToken = { value, spent: 0 };
    tokens.push(token);
    const won = await Promise.all([spend(this.#target, value, serials), spend(this.#target, value, serials)]);
    token.spent += won.filter(Boolean).length;
  }
}
