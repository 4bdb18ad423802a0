// SPDX-License-Identifier: Apache-2.0
import type { TrustDomain } from "@mayfly/spiffe";
import type { ActiveAuthority, Authorities } from "../authorities/authorities.ts";
import { SignerError } from "../errors.ts";
import type { AuthorityKind, IssuedJwt, IssuedX509, JwtRequest, Signer, X509Request } from "../ports.ts";
import type { SigningLogger } from "../signing-logger.ts";
import type { TrustedTime } from "../trusted-time.ts";
import type { SigningTtls } from "../ttls.ts";
import type { MutableCounters } from "./counters.ts";
import type { IntentRecorder } from "./intent-recorder.ts";
import { JwtIssuer } from "./jwt-issuer.ts";
import { RecentIssues, requestKey } from "./recent-issues.ts";
import { checkJwtRequest, checkX509Request, type RequestRules } from "./request-checks.ts";
import { validityOf } from "./validity.ts";
import { WorkSlices } from "./work-slices.ts";
import { type LeafEncoder, X509Issuer } from "./x509-issuer.ts";

/** What a signer in this process works with. */
export interface LocalSignerOptions {
  readonly trustDomain: TrustDomain;
  readonly authorities: Authorities;
  readonly recorder: IntentRecorder;
  readonly time: TrustedTime;
  readonly ttls: SigningTtls;
  readonly backdateSeconds: number;
  readonly logger: SigningLogger;
  readonly counters: MutableCounters;
  /** Instead of the leaf profile of the design. */
  readonly encoderFor?: ((authority: ActiveAuthority) => LeafEncoder) | undefined;
}

/** How often a call starts again when its authority was withdrawn under it. */
const attempts = 3;

/** Signs with the active authorities: check, write, record, sign, check again, answer. */
export class LocalSigner implements Signer {
  readonly #options: LocalSignerOptions;
  readonly #rules: RequestRules;
  readonly #slices = new WorkSlices();
  readonly #recent = new RecentIssues();
  readonly #underWay = new Map<string, Promise<IssuedX509>>();
  #x509: X509Issuer | undefined;
  #jwt: JwtIssuer | undefined;
  #closed = false;

  constructor(options: LocalSignerOptions) {
    const { trustDomain, authorities } = options;
    this.#options = options;
    this.#rules = { trustDomain, isAuthorityKey: (spki) => authorities.isAuthorityKey(spki) };
  }

  /** @throws {SignerError} for the whole call when one request is refused */
  async issueX509(requests: readonly X509Request[]): Promise<readonly IssuedX509[]> {
    return this.#reporting(async () => {
      this.#assertOpen();
      await this.#slices.each(requests, (request) => checkX509Request(request, this.#rules));
      const keys = await this.#slices.each(requests, requestKey);
      return this.#answer(requests, keys);
    });
  }

  /** @throws {SignerError} */
  async issueJwt(request: JwtRequest): Promise<IssuedJwt> {
    return this.#reporting(async () => {
      this.#assertOpen();
      checkJwtRequest(request, this.#rules);
      const issued = await this.#untilNotWithdrawn(() => this.#signJwt(request));
      this.#options.counters.jwtIssued++;
      return issued;
    });
  }

  /** From now on everything is refused; what is under way ends. */
  close(): void {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new SignerError("SIGNER_CLOSED", "the signer is closed");
  }

  /** Gives out again what was issued just before, or is being issued, for an equal request; issues the rest in one go. */
  async #answer(
    requests: readonly X509Request[],
    keys: readonly (string | undefined)[],
  ): Promise<readonly IssuedX509[]> {
    const { authorities, counters, time } = this.#options;
    const now = time.now().getTime();
    const authorityId = authorities.active("x509")?.record.id ?? "";
    const fresh: X509Request[] = [];
    const issuing = Promise.withResolvers<readonly IssuedX509[]>();
    const answers = requests.map((request, index) => {
      const key = keys[index];
      const known =
        key === undefined ? undefined : (this.#recent.find(key, authorityId, now) ?? this.#underWay.get(key));
      if (known !== undefined) {
        counters.x509Repeated++;
        return Promise.resolve(known);
      }
      const place = fresh.push(request) - 1;
      const answer = issuing.promise.then((issued) => at(issued, place));
      if (key !== undefined) this.#keepWhileUnderWay(key, answer, now);
      return answer;
    });
    if (fresh.length > 0) issuing.resolve(this.#untilNotWithdrawn(() => this.#signX509(fresh)));
    return Promise.all(answers);
  }

  #keepWhileUnderWay(key: string, answer: Promise<IssuedX509>, now: number): void {
    this.#underWay.set(key, answer);
    answer
      .then((issued) => this.#recent.remember(key, issued, now))
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(key));
  }

  async #signX509(requests: readonly X509Request[]): Promise<readonly IssuedX509[]> {
    const { recorder, counters } = this.#options;
    const issuer = this.#x509Issuer();
    const unsigned = await this.#slices.each(requests, (request) =>
      issuer.write(request, this.#validity(request, issuer)),
    );
    await recorder.record(issuer.authority.record.id, unsigned);
    const issued = await this.#slices.each(unsigned, (each) => {
      this.#assertUsable(issuer.authority);
      recorder.assertRecorded(each);
      return issuer.sign(each);
    });
    counters.x509Issued += issued.length;
    return issued;
  }

  async #signJwt(request: JwtRequest): Promise<IssuedJwt> {
    const { recorder, ttls, time } = this.#options;
    const { record, key } = this.#active("jwt");
    if (this.#jwt?.authority.key !== key) this.#jwt = new JwtIssuer({ record, key });
    const issuer = this.#jwt;
    const now = time.now();
    const validity = validityOf({
      now,
      ttlSeconds: request.ttlSeconds,
      defaultTtlSeconds: ttls.jwtSvidSeconds,
      backdateSeconds: 0,
      notBefore: record.notBefore,
      notAfter: record.notAfter,
    });
    // JWT-SVID §3.3: a token is valid before `exp`, not at it; and not beyond its key.
    const expiresAt = new Date(Math.min(validity.notAfter.getTime() + 1000, record.notAfter.getTime()));
    const unsigned = issuer.write(request, validity.notBefore, expiresAt);
    await recorder.record(record.id, [unsigned]);
    this.#assertUsable(issuer.authority);
    recorder.assertRecorded(unsigned);
    return issuer.sign(unsigned);
  }

  #validity(request: X509Request, { certificate }: X509Issuer): { notBefore: Date; notAfter: Date } {
    const { time, ttls, backdateSeconds } = this.#options;
    const defaults = {
      workload: ttls.x509SvidSeconds,
      mint: ttls.x509SvidSeconds,
      agent: ttls.agentSvidSeconds,
      server: ttls.serverSvidSeconds,
    };
    return validityOf({
      now: time.now(),
      ttlSeconds: request.ttlSeconds,
      defaultTtlSeconds: defaults[request.purpose],
      backdateSeconds,
      notBefore: certificate.notBefore,
      notAfter: certificate.notAfter,
    });
  }

  #x509Issuer(): X509Issuer {
    const authority = this.#active("x509");
    if (this.#x509?.authority.key !== authority.key) {
      this.#x509 = new X509Issuer(authority, this.#options.encoderFor?.(authority));
    }
    return this.#x509;
  }

  #active(kind: AuthorityKind): ActiveAuthority {
    const active = this.#options.authorities.active(kind);
    if (active === undefined) throw new SignerError("SIGNER_NOT_READY", `no ${kind} authority can sign`);
    return active;
  }

  /** An authority that was tainted or revoked while the intent was written signs nothing more. */
  #assertUsable({ record }: ActiveAuthority): void {
    const { records } = this.#options.authorities.slots(record.kind);
    const current = records.find(({ id }) => id === record.id);
    if (current === undefined || current.tainted || current.revoked) throw new WithdrawnError();
  }

  async #untilNotWithdrawn<T>(issue: () => Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        return await issue();
      } catch (error) {
        if (!(error instanceof WithdrawnError)) throw error;
      }
    }
    throw new SignerError("SIGNER_NOT_READY", "authorities are withdrawn faster than they can be used");
  }

  /** Counts and tells what a person must look at. */
  async #reporting<T>(issue: () => Promise<T>): Promise<T> {
    try {
      return await issue();
    } catch (error) {
      if (error instanceof SignerError) this.#report(error);
      throw error;
    }
  }

  #report({ code, message }: SignerError): void {
    const { counters, logger } = this.#options;
    if (code === "SIGNER_SELF_CHECK_FAILED") {
      counters.selfCheckFailures++;
      logger.error("self_check_failed", { findings: message });
    } else if (code === "KEY_OF_AUTHORITY") {
      counters.authorityKeyRequests++;
      logger.error("request_for_authority_key");
    } else if (code === "SIGNER_AUTHORITY_EXPIRED") {
      logger.error("authority_expired");
    }
  }
}

/** The authority was withdrawn between intent and signature. */
class WithdrawnError extends Error {}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new TypeError("one answer for each request");
  return item;
}
