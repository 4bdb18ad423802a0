// SPDX-License-Identifier: Apache-2.0
import { TrustDomain } from "@mayfly/spiffe";
import { Authorities } from "./authorities/authorities.ts";
import { type CanActivate, Rotation } from "./authorities/rotation.ts";
import type { SignerErrorCode } from "./errors.ts";
import { newCounters, type SigningCounters } from "./issuing/counters.ts";
import { LocalSigner } from "./issuing/local-signer.ts";
import type { AuthorityStore, IssuanceLog, KeyStore, Signer } from "./ports.ts";
import { silentSigningLogger, type SigningLogger } from "./signing-logger.ts";
import { type SigningClock, systemSigningClock, TrustedTime } from "./trusted-time.ts";
import { checkLifetimes, defaultSigningTtls, type SigningTtls } from "./ttls.ts";

/** What a signing service is made of. Who opens the store, the log and the keys closes them. */
export interface SigningServiceOptions {
  /** Name, such as "example.org". */
  readonly trustDomain: string;
  readonly store: AuthorityStore;
  readonly log: IssuanceLog;
  readonly keys: KeyStore;
  /** Default: the machine's. */
  readonly clock?: SigningClock | undefined;
  /** Those left out are the design's. */
  readonly ttls?: Partial<SigningTtls> | undefined;
  /** 0 to 30, default 30. */
  readonly backdateSeconds?: number | undefined;
  /** Default: silence. */
  readonly logger?: SigningLogger | undefined;
  /** Default: a prepared authority may sign as soon as it is due. */
  readonly canActivate?: CanActivate | undefined;
}

/** The signing service: authorities and what signs with them. */
export interface SigningService extends AsyncDisposable {
  readonly signer: Signer;
  readonly authorities: Authorities;
  readonly counters: SigningCounters;
  /** What keeps it from signing now; undefined = ready. */
  problem(): SignerErrorCode | undefined;
  /** Renews authorities until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Opens the signing service; with an empty store it makes its first authorities and publishes them in the bundle.
 * @throws {RangeError} for lifetimes that make no sense; {SpiffeIdError} for a bad trust domain; {KeyStoreError} when keys can't be read
 */
export async function openSigningService(options: SigningServiceOptions): Promise<SigningService> {
  const { keys, store, log, logger = silentSigningLogger, canActivate = () => true, backdateSeconds = 30 } = options;
  const ttls = { ...defaultSigningTtls, ...options.ttls };
  checkLifetimes(ttls, backdateSeconds);
  const trustDomain = TrustDomain.parse(options.trustDomain);
  const time = new TrustedTime(options.clock ?? systemSigningClock, logger);
  const authorities = await Authorities.open({
    trustDomain: trustDomain.name,
    store,
    keys,
    time,
    logger,
    ttlSeconds: ttls.authoritySeconds,
  });
  const rotation = new Rotation({ authorities, time, logger, canActivate });
  for (const kind of ["x509", "jwt"] as const) {
    const { active } = authorities.slots(kind);
    if (active !== undefined) time.expectAtLeast(active.notBefore);
  }
  // By a clock that is not believed nothing is made; `problem` tells, and `run` does it later.
  if (time.believable) await rotation.ensureActive();
  const counters = newCounters();
  const signer = new LocalSigner({ trustDomain, authorities, log, time, ttls, backdateSeconds, logger, counters });
  return {
    signer,
    authorities,
    counters,
    problem: () => problemOf(authorities, time),
    run: (signal) => rotation.run(signal),
    [Symbol.asyncDispose]: async () => signer.close(),
  };
}

function problemOf(authorities: Authorities, time: TrustedTime): SignerErrorCode | undefined {
  if (!time.believable) return "SIGNER_CLOCK_UNTRUSTED";
  const now = time.now();
  for (const kind of ["x509", "jwt"] as const) {
    const active = authorities.active(kind);
    if (active === undefined) return "SIGNER_NOT_READY";
    if (active.record.notBefore > now) return "SIGNER_CLOCK_UNTRUSTED";
    if (active.record.notAfter <= now) return "SIGNER_AUTHORITY_EXPIRED";
  }
  return undefined;
}
