// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { decodeIntentBatch, type Intent } from "@mayfly/journal";
import { Certificate } from "@mayfly/x509";
import {
  type IssuanceLog,
  type IssuedX509,
  type KeyStore,
  MemoryKeyStore,
  openSigningService,
  SignerError,
  type SigningService,
  type SigningServiceOptions,
  type X509Request,
} from "../../src/index.ts";
import { ManualClock } from "./manual-clock.ts";
import { MemoryAuthorityStore, MemoryIssuanceLog } from "./memory-ports.ts";

/** A service over stores in memory and a clock that the test moves. */
export interface TestService {
  readonly service: SigningService;
  readonly store: MemoryAuthorityStore;
  readonly log: IssuanceLog;
  readonly keys: KeyStore;
  readonly clock: ManualClock;
  /** Events at `error`, in order. */
  readonly alarms: string[];
}

export async function openTestService(options: Partial<SigningServiceOptions> = {}): Promise<TestService> {
  const store = new MemoryAuthorityStore();
  const log = options.log ?? new MemoryIssuanceLog();
  const keys = options.keys ?? new MemoryKeyStore();
  const clock = new ManualClock();
  const alarms: string[] = [];
  const ignore = (): void => undefined;
  const logger = { info: ignore, warn: ignore, error: (event: string) => void alarms.push(event) };
  const service = await openSigningService({ trustDomain: "example.org", store, clock, logger, ...options, log, keys });
  return { service, store, log, keys, clock, alarms };
}

/** A fresh public key, PKIX DER. */
export function newSpki(namedCurve = "P-256"): Uint8Array {
  return generateKeyPairSync("ec", { namedCurve }).publicKey.export({ format: "der", type: "spki" });
}

export function requestFor(path: string, changes: Partial<X509Request> = {}): X509Request {
  const spiffeId = `spiffe://example.org/${path}`;
  const common = { dnsNames: [], ttlSeconds: 0, purpose: "workload", requester: "local" } as const;
  return { spiffeId, spki: changes.spki ?? newSpki(), ...common, ...changes };
}

export async function issueOne(service: SigningService, request: X509Request): Promise<IssuedX509> {
  const [issued] = await service.signer.issueX509([request]);
  if (issued === undefined) throw new TypeError("one answer for one request");
  return issued;
}

export function leafOf(issued: IssuedX509): Certificate {
  const [der] = issued.chain;
  if (der === undefined) throw new TypeError("a chain has a leaf");
  return Certificate.parse(der);
}

/** The certificate of the authority that signs now. */
export function activeCertificate(service: SigningService): Certificate {
  const certificate = service.authorities.slots("x509").active?.certificate;
  if (certificate === undefined) throw new TypeError("there is an active authority");
  return Certificate.parse(certificate);
}

/** All intents of all logs. */
export async function readIntents(log: IssuanceLog): Promise<Intent[]> {
  const intents: Intent[] = [];
  for (const authority of await log.authorities()) {
    const rows = await log.read(authority, 0, 1_000_000);
    intents.push(...rows.flatMap(({ batch }) => decodeIntentBatch(batch)));
  }
  return intents;
}

/** The code that `action` is refused with; "done" when it isn't. */
export async function refusalOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return "done";
  } catch (error) {
    if (error instanceof SignerError) return error.code;
    throw error;
  }
}
