// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import { assertAcceptableKey, Certificate } from "@mayfly/x509";
import type { LiveViews } from "../views/live-views.ts";

/** A public key that must not be certified; the message says why. */
export class KeyRefusedError extends Error {}

function spkiOf(der: Uint8Array): Uint8Array | undefined {
  try {
    return Certificate.parse(der).spki;
  } catch {
    return undefined;
  }
}

/** Decides which public keys may be certified: strength and form, and no key of an authority that we know. */
export class AcceptableKeys {
  readonly #views: LiveViews;
  readonly #logger: Logger;
  #authorityKeys: ReadonlySet<string> | undefined;

  constructor(views: LiveViews, logger: Logger) {
    this.#views = views;
    this.#logger = logger;
    views.onChange((change) => {
      if (change.kind === "bundle") this.#authorityKeys = undefined;
    });
  }

  /** @param spki PKIX SubjectPublicKeyInfo, DER @throws {KeyRefusedError} */
  check(spki: Uint8Array, requester: string): void {
    try {
      assertAcceptableKey(spki);
    } catch (cause) {
      throw new KeyRefusedError((cause as Error).message, { cause });
    }
    this.#authorityKeys ??= this.#readAuthorityKeys();
    if (!this.#authorityKeys.has(asText(spki))) return;
    this.#logger.error("request_for_authority_key", { requester });
    throw new KeyRefusedError("the key belongs to an authority");
  }

  #readAuthorityKeys(): ReadonlySet<string> {
    const keys = [...this.#views.bundles()].flatMap(({ x509Authorities, jwtAuthorities }) => [
      ...x509Authorities.map(({ der }) => spkiOf(der)),
      ...jwtAuthorities.map(({ publicKey }) => publicKey),
    ]);
    return new Set(keys.filter((key) => key !== undefined).map(asText));
  }
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
