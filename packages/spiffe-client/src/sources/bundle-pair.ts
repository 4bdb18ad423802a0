// SPDX-License-Identifier: Apache-2.0
import { BundleSet, type JwtBundle, type X509Bundle } from "@mayfly/spiffe";
import { noTrust, type X509Trust } from "../workload-api/x509-context.ts";
import { Latest } from "./latest.ts";
import { type LiveTarget, LiveValue } from "./live-value.ts";
import type { SourceHealth, SourceState } from "./source-health.ts";

/** All bundles at one moment; X.509 and JWT authorities are never taken for each other. Immutable. */
export interface BundleSnapshot {
  readonly x509: BundleSet<X509Bundle>;
  readonly jwt: BundleSet<JwtBundle>;
  /** CertificateLists, DER. */
  readonly crls: readonly Uint8Array[];
}

const worstFirst: readonly SourceState[] = ["closed", "failed", "withdrawn", "reconnecting", "connected"];

/** X.509 and JWT bundles that come on their own, as one value. */
export class BundlePair implements LiveTarget<BundleSnapshot> {
  readonly x509: LiveValue<X509Trust>;
  readonly jwt: LiveValue<BundleSet<JwtBundle>>;
  readonly #latest = new Latest<BundleSnapshot>();

  /** Of what is not awaited there is nothing until it is published. */
  constructor(awaited: readonly ("x509" | "jwt")[]) {
    const changed = (): void => this.#join();
    const ended = (error: Error | undefined): void => this.#latest.end(error);
    const [waitsForX509, waitsForJwt] = [awaited.includes("x509"), awaited.includes("jwt")];
    const isEmpty = ({ bundles }: X509Trust): boolean => waitsForX509 && bundles.size === 0;
    this.x509 = new LiveValue({ isEmpty, changed, ended });
    this.jwt = new LiveValue({ isEmpty: ({ size }) => waitsForJwt && size === 0, changed, ended });
    if (awaited.length > 0 && !waitsForX509) this.x509.publish(noTrust);
    if (awaited.length > 0 && !waitsForJwt) this.jwt.publish(BundleSet.of<JwtBundle>());
  }

  /** @throws {SourceError} CLOSED, NOT_READY; what ended one of the two */
  get value(): BundleSnapshot {
    const { bundles: x509, crls } = this.x509.value;
    return { x509, jwt: this.jwt.value, crls };
  }

  /** Of the two the one that is worse off. */
  get health(): SourceHealth {
    const [one, other] = [this.x509.health, this.jwt.health];
    return worstFirst.indexOf(other.state) < worstFirst.indexOf(one.state) ? other : one;
  }

  get last(): BundleSnapshot | undefined {
    return this.#latest.value;
  }

  publish({ x509, jwt, crls }: BundleSnapshot): void {
    this.x509.publish({ bundles: x509, crls });
    this.jwt.publish(jwt);
  }

  /** Resolves when both are there. @throws the signal's reason; what ended one of the two */
  async ready(signal: AbortSignal | undefined): Promise<void> {
    await Promise.all([this.x509.first(signal), this.jwt.first(signal)]);
  }

  updates(options: { readonly signal?: AbortSignal | undefined }): AsyncIterable<BundleSnapshot> {
    return this.#latest.read(options);
  }

  report(error: Error, options: { readonly lost: boolean }): void {
    this.x509.report(error, options);
    this.jwt.report(error, options);
  }

  recover(): void {
    this.x509.recover();
    this.jwt.recover();
  }

  fail(error: Error): void {
    this.x509.fail(error);
    this.jwt.fail(error);
  }

  close(): void {
    this.x509.close();
    this.jwt.close();
  }

  #join(): void {
    const [trust, jwt] = [this.x509.last, this.jwt.last];
    if (trust !== undefined && jwt !== undefined) this.#latest.publish({ x509: trust.bundles, jwt, crls: trust.crls });
  }
}
