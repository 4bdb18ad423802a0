// SPDX-License-Identifier: Apache-2.0

/** Lifetimes in seconds. */
export interface SigningTtls {
  /** X.509-SVIDs of workloads, when the request says none. */
  readonly x509SvidSeconds: number;
  readonly jwtSvidSeconds: number;
  readonly agentSvidSeconds: number;
  readonly serverSvidSeconds: number;
  /** New authorities, X.509 and JWT. */
  readonly authoritySeconds: number;
}

/** The design's: 10 min, 5 min, 1 h, 1 h, 24 h. */
export const defaultSigningTtls: SigningTtls = {
  x509SvidSeconds: 600,
  jwtSvidSeconds: 300,
  agentSvidSeconds: 3600,
  serverSvidSeconds: 3600,
  authoritySeconds: 86_400,
};

/** Dating back further would let a certificate claim a past that nobody saw. */
const maxBackdateSeconds = 30;

/** @throws {RangeError} for a lifetime that is no positive whole number, or a backdate outside 0 to 30 s */
export function checkLifetimes(ttls: SigningTtls, backdateSeconds: number): void {
  for (const [name, value] of Object.entries(ttls) as [string, number][]) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is a positive whole number of seconds`);
  }
  if (!Number.isSafeInteger(backdateSeconds) || backdateSeconds < 0 || backdateSeconds > maxBackdateSeconds) {
    throw new RangeError(`certificates are dated back by 0 to ${maxBackdateSeconds} seconds`);
  }
}
