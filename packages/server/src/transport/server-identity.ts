// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { SecureContextOptions } from "node:tls";
import type { IssuedX509, Signer } from "@mayfly/ca";
import type { Logger } from "@mayfly/telemetry";
import { Certificate, toPem } from "@mayfly/x509";
import type { Clock } from "../clock.ts";
import type { LiveViews } from "../views/live-views.ts";

/** What the server's own SVID needs. */
export interface ServerIdentityDeps {
  readonly trustDomain: string;
  readonly signer: Signer;
  readonly views: LiveViews;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Current {
  readonly issued: IssuedX509;
  readonly privateKey: KeyObject;
}

/** How often a renewal that fails is tried again, and how late a clock that was set forward is noticed. */
const checkMs = 5000;

/** The server's own SVID, `spiffe://<trust domain>/spire/server`: renewed at half its life, and at once when its authority is tainted. */
export class ServerIdentity {
  readonly #deps: ServerIdentityDeps;
  #current: Current;

  private constructor(deps: ServerIdentityDeps, current: Current) {
    this.#deps = deps;
    this.#current = current;
  }

  static async open(deps: ServerIdentityDeps): Promise<ServerIdentity> {
    return new ServerIdentity(deps, await issue(deps));
  }

  /** What to present in handshakes now. */
  material(): SecureContextOptions {
    const { issued, privateKey } = this.#current;
    const roots = this.#deps.views.bundle(this.#deps.trustDomain)?.x509Authorities ?? [];
    return {
      cert: pem(issued.chain),
      key: privateKey.export({ type: "pkcs8", format: "pem" }),
      // Explicit, so that the library's public roots play no part.
      ca: pem(roots.map(({ der }) => der)),
    };
  }

  /** The chain with its root, leaf first. */
  chain(): readonly Certificate[] {
    const chain = this.#current.issued.chain.map((der) => Certificate.parse(der));
    const root = this.#authorities().find(({ subjectKeyId }) => subjectKeyId === this.#current.issued.authorityId);
    return root === undefined ? chain : [...chain, root];
  }

  /** Renews in time until the signal; calls `onRenewal` after each. */
  async run(signal: AbortSignal, onRenewal: () => void): Promise<void> {
    const { logger, views } = this.#deps;
    const wake = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => wake.resolve(), { once: true });
    let check: () => Promise<void> = () => Promise.resolve();
    const unsubscribe = views.onChange(({ kind }) => {
      if (kind === "bundle") setImmediate(() => void check());
    });
    let renewing = false;
    check = async () => {
      if (renewing || signal.aborted || !this.#isDue()) return;
      renewing = true;
      try {
        this.#current = await issue(this.#deps);
        onRenewal();
        logger.info("server_svid_renewed", { not_after: this.#current.issued.notAfter.toISOString() });
      } catch (error) {
        logger.error("server_svid_renewal_failed", { error: (error as Error).message });
      } finally {
        renewing = false;
      }
    };
    const timer = setInterval(() => void check(), checkMs).unref();
    try {
      await wake.promise;
    } finally {
      clearInterval(timer);
      unsubscribe();
    }
  }

  #isDue(): boolean {
    const { notBefore, notAfter, authorityId } = this.#current.issued;
    const half = (notBefore.getTime() + notAfter.getTime()) / 2;
    if (this.#deps.clock.now().getTime() >= half) return true;
    const { views, trustDomain } = this.#deps;
    const authorities = views.bundle(trustDomain)?.x509Authorities ?? [];
    const own = authorities.find(({ der }) => skiOf(der) === authorityId);
    return own === undefined || own.tainted;
  }

  #authorities(): Certificate[] {
    const { views, trustDomain } = this.#deps;
    const stored = views.bundle(trustDomain)?.x509Authorities ?? [];
    return stored.flatMap(({ der }) => tryParse(der) ?? []);
  }
}

function tryParse(der: Uint8Array): Certificate | undefined {
  try {
    return Certificate.parse(der);
  } catch {
    // Operators may append what is no certificate of ours.
    return undefined;
  }
}

function skiOf(der: Uint8Array): string | undefined {
  return tryParse(der)?.subjectKeyId;
}

function pem(certificates: readonly Uint8Array[]): string {
  return certificates.map((der) => toPem("CERTIFICATE", der)).join("");
}

async function issue({ signer, trustDomain }: ServerIdentityDeps): Promise<Current> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [issued] = await signer.issueX509([
    {
      spki: publicKey.export({ type: "spki", format: "der" }),
      spiffeId: `spiffe://${trustDomain}/spire/server`,
      dnsNames: [],
      ttlSeconds: 0,
      purpose: "server",
      requester: "server",
    },
  ]);
  if (issued === undefined) throw new TypeError("the signer answers every request");
  return { issued, privateKey };
}
