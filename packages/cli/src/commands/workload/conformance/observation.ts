// SPDX-License-Identifier: Apache-2.0
import type {
  JWTBundlesResponse,
  JWTSVIDResponse,
  ValidateJWTSVIDResponse,
  WITBundlesResponse,
  WITSVIDResponse,
  WorkloadApiMethods,
  X509BundlesResponse,
  X509SVIDResponse,
} from "@mayfly/rpc";
import type { Identity } from "./identity.ts";
import type { Outcome } from "./outcome.ts";
import type { SocketFacts } from "./socket-facts.ts";
import type { Watched } from "./stream-watch.ts";

/** A method of the Workload API. */
export type RpcName = keyof WorkloadApiMethods;

/** A call with something else than the security header. */
export interface HeaderProbe {
  /** What was sent, in words. */
  readonly header: string;
  readonly outcome: Outcome<unknown>;
}

/** One stream: a first opening that stays open, a second one beside it on the same connection, a third at the end. */
export interface Stream<T> {
  readonly watched: Watched<T>;
  readonly second: Outcome<T>;
  readonly atEnd: Outcome<T>;
  /** Whether what was there at the end was also the last message of the first opening. */
  readonly wasPushed: boolean;
}

/** Answers of FetchJWTSVID. */
export interface TokenProbes {
  /** For one audience and for two, without an ID. */
  readonly one: Outcome<JWTSVIDResponse>;
  readonly two: Outcome<JWTSVIDResponse>;
  /** For the first identity by its ID; undefined when there is none. */
  readonly named: Outcome<JWTSVIDResponse> | undefined;
  readonly foreignId: Outcome<JWTSVIDResponse>;
  readonly malformedId: Outcome<JWTSVIDResponse>;
  readonly noAudience: Outcome<JWTSVIDResponse>;
  readonly emptyAudience: Outcome<JWTSVIDResponse>;
}

/** A token that must be refused. */
export interface ForgedProbe {
  readonly id: string;
  /** What is wrong with it, in words. */
  readonly defect: string;
  readonly outcome: Outcome<ValidateJWTSVIDResponse>;
}

/** Answers of ValidateJWTSVID. */
export interface ValidationProbes {
  /** The endpoint's own token for the audience asked for; undefined when there is none. */
  readonly good: Outcome<ValidateJWTSVIDResponse> | undefined;
  readonly forged: readonly ForgedProbe[];
  readonly noAudience: Outcome<ValidateJWTSVIDResponse>;
  readonly noToken: Outcome<ValidateJWTSVIDResponse>;
}

/** What one version of server reflection shows. */
export interface Reflected {
  readonly services: readonly string[];
  /** Methods of SpiffeWorkloadAPI; undefined when its description can't be had or read. */
  readonly methods: readonly string[] | undefined;
}

/** Everything that was seen of an endpoint; rows are judged by it and nothing else. */
export interface Observation {
  readonly now: Date;
  /** Of a Unix socket; undefined for TCP. */
  readonly socket: SocketFacts | undefined;
  /** Of TCP: the address; undefined for a Unix socket. */
  readonly host: string | undefined;
  readonly audience: string;
  readonly otherAudience: string;
  readonly headers: Readonly<Record<RpcName, readonly HeaderProbe[]>>;
  readonly x509: Stream<X509SVIDResponse>;
  readonly x509Bundles: Stream<X509BundlesResponse>;
  readonly jwtBundles: Stream<JWTBundlesResponse>;
  /** Of `x509`, read; empty when there was no answer. */
  readonly identities: readonly Identity[];
  readonly tokens: TokenProbes;
  readonly validation: ValidationProbes;
  readonly wit: Outcome<WITSVIDResponse>;
  readonly witBundles: Outcome<WITBundlesResponse>;
  readonly reflection: {
    readonly v1: Outcome<Reflected>;
    readonly v1alpha: Outcome<Reflected>;
    readonly withoutHeader: Outcome<Reflected>;
  };
}

/** The first message of a stream that has one. */
export function firstMessage<T>({ watched, second, atEnd }: Stream<T>): T | undefined {
  const answer = [watched.first, second, atEnd].find(({ kind }) => kind === "answer");
  return answer?.kind === "answer" ? answer.message : undefined;
}

/** Name of the trust domain of the first identity whose ID can be read; undefined without. */
export function ownTrustDomain({ identities }: Pick<Observation, "identities">): string | undefined {
  return identities.find(({ id }) => id !== undefined)?.id?.trustDomain.name;
}
