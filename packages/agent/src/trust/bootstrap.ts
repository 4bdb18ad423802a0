// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { type Enrolment, parseEnrolment, pinOf } from "@mayfly/attestation";
import type { StoredBundle } from "@mayfly/registration";
import { bundleService, RpcChannel } from "@mayfly/rpc";
import { TrustDomain, X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import type { AgentConfig } from "../config/agent-config.ts";
import { AgentError } from "../errors.ts";
import { bundleFromMessage } from "../state/stored-bundle.ts";
import { readSecret } from "./secret-file.ts";

/** What the agent knows of its server before it has an SVID. */
export interface Introduction {
  readonly trustDomain: TrustDomain;
  readonly servers: readonly string[];
  readonly enrolment: Enrolment | undefined;
  /** A join token that came by standard input, which can be read only once. */
  readonly token?: string | undefined;
}

/** Takes trust domain and addresses from the configuration, or from the enrolment string. @throws {AgentError} SECRET_UNREADABLE; {AttestationError} ENROLMENT_MALFORMED */
export async function readIntroduction(config: AgentConfig): Promise<Introduction> {
  const enrolment =
    config.enrolmentFile === undefined ? undefined : parseEnrolment(await readSecret(config.enrolmentFile));
  const name = config.trustDomain ?? enrolment?.trustDomain;
  if (name === undefined)
    throw new AgentError("NO_EVIDENCE", "neither configuration nor enrolment string names a trust domain");
  if (enrolment !== undefined && enrolment.trustDomain !== name) {
    throw new AgentError("DATA_DIR_MISMATCH", "the enrolment string is of another trust domain than the configuration");
  }
  const servers = config.servers.length > 0 ? config.servers : enrolment ? [enrolment.serverAddress] : [];
  const { nodeMethod } = config;
  const fromInput = nodeMethod.type === "join_token" && nodeMethod.tokenFile === "-";
  const token = fromInput ? await readSecret("-") : undefined;
  return { trustDomain: TrustDomain.parse(name), servers, enrolment, token };
}

/** The authorities of a PEM file. @throws {AgentError} SECRET_UNREADABLE; {BundleError} */
export async function readTrustBundle(trustDomain: TrustDomain, path: string): Promise<X509Bundle> {
  const pem = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new AgentError("SECRET_UNREADABLE", `the trust bundle ${JSON.stringify(path)} can't be read`, { cause });
  });
  if (pem.includes("PRIVATE KEY-----")) {
    throw new AgentError("SECRET_UNREADABLE", `${JSON.stringify(path)} holds a private key: a trust bundle is public`);
  }
  return X509Bundle.fromPem(trustDomain, pem);
}

/**
 * The authorities that an enrolment string pins, from a server that is not trusted yet: nothing is told to it, and of what it answers
 * only what the pins name is kept. @throws {AgentError} SERVER_NOT_TRUSTED when that is nothing; {StatusError}
 */
export async function fetchPinnedBundle(
  { trustDomain, pins }: { readonly trustDomain: TrustDomain; readonly pins: readonly string[] },
  address: string,
  signal: AbortSignal,
): Promise<X509Bundle> {
  using channel = RpcChannel.open({ address, tls: { verify: () => undefined } });
  const bundle = await fetchBundle(channel, signal);
  const authorities = bundle.x509Authorities.map(({ der }) => Certificate.parse(der));
  const pinned = authorities.filter((authority) => pins.includes(pinOf(authority)));
  if (pinned.length === 0 || bundle.trustDomain !== trustDomain.name) {
    throw new AgentError("SERVER_NOT_TRUSTED", "the server has none of the authorities that the enrolment string pins");
  }
  return new X509Bundle(trustDomain, pinned);
}

/** The server's own bundle. @throws {StatusError} */
export async function fetchBundle(channel: RpcChannel, signal: AbortSignal): Promise<StoredBundle> {
  return bundleFromMessage(await channel.unary(bundleService.methods.GetBundle, {}, { signal, timeoutMs: 15_000 }));
}
