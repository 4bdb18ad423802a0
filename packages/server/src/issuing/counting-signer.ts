// SPDX-License-Identifier: Apache-2.0
import type {
  DownstreamCaRequest,
  IssuedDownstreamCa,
  IssuedJwt,
  IssuedX509,
  JwtRequest,
  Signer,
  X509Request,
} from "@mayfly/ca";
import { type Clock, unixSeconds } from "../clock.ts";

/** Ends of SVIDs are counted in steps of so many seconds. */
const stepSeconds = 10;

/** Passes everything on and counts the X.509-SVIDs that did not end yet. */
export class CountingSigner implements Signer {
  readonly #signer: Signer;
  readonly #clock: Clock;
  /** Number of SVIDs by the step in which they end. */
  readonly #endings = new Map<number, number>();

  constructor(signer: Signer, clock: Clock) {
    this.#signer = signer;
    this.#clock = clock;
  }

  async issueX509(requests: readonly X509Request[]): Promise<readonly IssuedX509[]> {
    const issued = await this.#signer.issueX509(requests);
    for (const { notAfter } of issued) {
      const step = Math.ceil(unixSeconds(notAfter) / stepSeconds);
      this.#endings.set(step, (this.#endings.get(step) ?? 0) + 1);
    }
    this.#forget();
    return issued;
  }

  issueJwt(request: JwtRequest): Promise<IssuedJwt> {
    return this.#signer.issueJwt(request);
  }

  issueDownstreamCa(request: DownstreamCaRequest): Promise<IssuedDownstreamCa> {
    return this.#signer.issueDownstreamCa(request);
  }

  /** X.509-SVIDs issued through this that did not end yet. */
  get live(): number {
    this.#forget();
    return [...this.#endings.values()].reduce((sum, count) => sum + count, 0);
  }

  #forget(): void {
    const now = unixSeconds(this.#clock.now()) / stepSeconds;
    for (const step of this.#endings.keys()) if (step < now) this.#endings.delete(step);
  }
}
