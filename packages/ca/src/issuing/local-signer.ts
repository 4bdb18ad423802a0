// SPDX-License-Identifier: Apache-2.0
import type { TrustDomain } from "@mayfly/spiffe";
import type { Authorities } from "../authorities/authorities.ts";
import type { ActiveAuthority } from "../authorities/loaded-authorities.ts";
import { SignerError } from "../errors.ts";
import type {
  AuthorityKind,
  DownstreamCaRequest,
  IssuanceLog,
  IssuedDownstreamCa,
  IssuedJwt,
  IssuedX509,
  JwtRequest,
  Signer,
  X509Request,
} from "../ports.ts";
import type { SigningLogger } from "../signing-logger.ts";
import type { TrustedTime } from "../trusted-time.ts";
import type { SigningTtls } from "../ttls.ts";
import type { MutableCounters } from "./counters.ts";
import { DownstreamIssuer } from "./downstream-issuer.ts";
import { IntentRecorder } from "./intent-recorder.ts";
import { JwtIssuer } from "./jwt-issuer.ts";
import { requestKey } from "./recent-issues.ts";
import { RecordedSigning } from "./recorded-signing.ts";
import { type KeyedRequest, RepeatedRequests } from "./repeated-requests.ts";
import { checkDownstreamCaRequest, checkJwtRequest, checkX509Request, type RequestRules } from "./request-checks.ts";
import { validityOf } from "./validity.ts";
import { WorkSlices } from "./work-slices.ts";
import { type LeafEncoder, X509Issuer } from "./x509-issuer.ts";

/** What a signer in this process works with. */
export interface LocalSignerOptions {
  readonly trustDomain: TrustDomain;
  readonly authorities: Authorities;
  readonly log: IssuanceLog;
  readonly time: TrustedTime;
  readonly ttls: SigningTtls;
  readonly backdateSeconds: number;
  readonly logger: SigningLogger;
  readonly counters: MutableCounters;
  /** Instead of the leaf profile of the design. */
  readonly encoderFor?: ((authority: ActiveAuthority) => LeafEncoder) | undefined;
}

/** Requests of one call that are worked on together: what is done for all of them in one go stays short. */
const maxAtOnce = 512;

/** Signs with the active authorities: check, write, record, sign, check again, answer. */
export class LocalSigner implements Signer {
  readonly #options: LocalSignerOptions;
  readonly #rules: RequestRules;
  readonly #slices = new WorkSlices();
  readonly #signing: RecordedSigning;
  readonly #repeated = new RepeatedRequests();
  #x509: X509Issuer | undefined;
  #jwt: JwtIssuer | undefined;
  #closed = false;

  constructor(options: LocalSignerOptions) {
    const { trustDomain, authorities, log, logger, time } = options;
    this.#options = options;
    this.#rules = { trustDomain, isAuthorityKey: (spki) => authorities.isAuthorityKey(spki) };
    const recorder = new IntentRecorder(log, logger);
    this.#signing = new RecordedSigning({ authorities, recorder, time, slices: this.#slices });
  }

  /** @throws {SignerError} for the whole call when one request is refused */
  async issueX509(requests: readonly X509Request[]): Promise<readonly IssuedX509[]> {
    return this.#reporting(async () => {
      const keyed = await this.#slices.each(requests, (request) => {
        checkX509Request(request, this.#rules);
        return { request, key: requestKey(request) };
      });
      const answers: IssuedX509[] = [];
      for (let from = 0; from < keyed.length; from += maxAtOnce) {
        answers.push(...(await this.#answer(keyed.slice(from, from + maxAtOnce))));
      }
      return answers;
    });
  }

  /** @throws {SignerError} */
  async issueJwt(request: JwtRequest): Promise<IssuedJwt> {
    return this.#reporting(async () => {
      checkJwtRequest(request, this.#rules);
      return this.#signing.untilNotWithdrawn(() => this.#signJwt(request));
    });
  }

  /** @throws {SignerError} */
  async issueDownstreamCa(request: DownstreamCaRequest): Promise<IssuedDownstreamCa> {
    return this.#reporting(async () => {
      checkDownstreamCaRequest(request, this.#rules);
      return this.#signing.untilNotWithdrawn(() => this.#signDownstreamCa(request));
    });
  }

  /** From now on everything is refused; what is under way ends. */
  close(): void {
    this.#closed = true;
  }

  async #answer(keyed: readonly KeyedRequest[]): Promise<readonly IssuedX509[]> {
    const { issued, repeated } = await this.#repeated.answer(keyed, {
      now: this.#options.time.now().getTime(),
      authorityId: this.#active("x509").record.id,
      issue: (fresh) => this.#signing.untilNotWithdrawn(() => this.#signX509(fresh)),
    });
    this.#options.counters.x509Repeated += repeated;
    return issued;
  }

  async #signX509(requests: readonly X509Request[]): Promise<readonly IssuedX509[]> {
    const issuer = this.#x509Issuer();
    const { ttls, backdateSeconds, time, counters } = this.#options;
    const defaults: Readonly<Record<X509Request["purpose"], number>> = {
      workload: ttls.x509SvidSeconds,
      mint: ttls.x509SvidSeconds,
      agent: ttls.agentSvidSeconds,
      server: ttls.serverSvidSeconds,
    };
    const limits = { now: time.now(), backdateSeconds, authority: issuer.authority.record };
    const unsigned = await this.#slices.each(requests, (request) => {
      const { purpose, ttlSeconds, endsBy } = request;
      return issuer.write(request, validityOf({ ...limits, ttlSeconds, endsBy, defaultTtlSeconds: defaults[purpose] }));
    });
    const issued = await this.#signing.sign(issuer.authority, unsigned, (each) => issuer.sign(each));
    counters.x509Issued += issued.length;
    return issued;
  }

  async #signJwt(request: JwtRequest): Promise<IssuedJwt> {
    const issuer = this.#jwtIssuer();
    const { ttls, time, counters } = this.#options;
    const { record } = issuer.authority;
    const { notBefore, notAfter } = validityOf({
      now: time.now(),
      backdateSeconds: 0,
      // RFC 7519 §4.1.4: a token is good before its `exp`, not at it, and that may not lie beyond the key's end.
      authority: { notBefore: record.notBefore, notAfter: new Date(record.notAfter.getTime() - 1000) },
      ttlSeconds: request.ttlSeconds,
      endsBy: request.endsBy,
      defaultTtlSeconds: ttls.jwtSvidSeconds,
    });
    const unsigned = issuer.write(request, notBefore, new Date(notAfter.getTime() + 1000));
    const [issued] = await this.#signing.sign(issuer.authority, [unsigned], (each) => issuer.sign(each));
    if (issued === undefined) throw new TypeError("one answer for each request");
    counters.jwtIssued++;
    return issued;
  }

  async #signDownstreamCa(request: DownstreamCaRequest): Promise<IssuedDownstreamCa> {
    const { trustDomain, backdateSeconds, time, counters, logger } = this.#options;
    const issuer = new DownstreamIssuer(this.#active("x509"), trustDomain.idString);
    const unsigned = issuer.write(
      request,
      validityOf({
        now: time.now(),
        backdateSeconds,
        authority: issuer.authority.record,
        ttlSeconds: request.ttlSeconds,
        defaultTtlSeconds: Number.MAX_SAFE_INTEGER,
      }),
    );
    const [issued] = await this.#signing.sign(issuer.authority, [unsigned], (each) => issuer.sign(each));
    if (issued === undefined) throw new TypeError("one answer for each request");
    counters.downstreamCasIssued++;
    logger.info("downstream_ca_issued", {
      requester: request.requester,
      entry_id: request.entryId,
      serial_number: issued.serialNumber,
      authority_id: issued.authorityId,
      not_after: issued.notAfter.toISOString(),
    });
    return issued;
  }

  #x509Issuer(): X509Issuer {
    const authority = this.#active("x509");
    if (this.#x509?.authority.key !== authority.key) {
      this.#x509 = new X509Issuer(authority, this.#options.encoderFor?.(authority));
    }
    return this.#x509;
  }

  #jwtIssuer(): JwtIssuer {
    const authority = this.#active("jwt");
    if (this.#jwt?.authority.key !== authority.key) this.#jwt = new JwtIssuer(authority);
    return this.#jwt;
  }

  #active(kind: AuthorityKind): ActiveAuthority {
    const active = this.#options.authorities.active(kind);
    if (active === undefined) throw new SignerError("SIGNER_NOT_READY", `no ${kind} authority can sign`);
    return active;
  }

  /** Counts and tells what a person must look at. */
  async #reporting<T>(issue: () => Promise<T>): Promise<T> {
    try {
      if (this.#closed) throw new SignerError("SIGNER_CLOSED", "the signer is closed");
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
