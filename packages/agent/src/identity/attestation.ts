// SPDX-License-Identifier: Apache-2.0
import { grpcCode } from "../grpc-code.ts";
import { StatusError } from "@mayfly/rpc";
import { SpiffeError, X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import type { Logger } from "@mayfly/telemetry";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { AgentConfig } from "../config/agent-config.ts";
import { AgentError } from "../errors.ts";
import type { ServerConnector } from "../server/server-connector.ts";
import { describeError, type Standing } from "../standing.ts";
import { fetchBundle, fetchPinnedBundle, type Introduction, readTrustBundle } from "../trust/bootstrap.ts";
import { type ServerVerifier, verifyByBundle, verifyByNameOnly } from "../trust/server-verifier.ts";
import { type AgentSvid, createAgentKey } from "./agent-svid.ts";
import { attestNode } from "./attest-node.ts";
import type { IdentityStore } from "./identity-store.ts";
import { openNodeAttestor } from "./node-evidence.ts";

/** What attesting needs. */
export interface AttestationDeps {
  readonly config: AgentConfig;
  readonly introduction: Introduction;
  readonly connector: ServerConnector;
  readonly store: IdentityStore;
  readonly standing: Standing;
  readonly clock: Clock;
  readonly log: Logger;
}

type TrustSource = { readonly name: string; open(signal: AbortSignal): Promise<ServerVerifier> };

/** Attests until it succeeds, going from address to address. @throws {AgentError} ATTESTATION_REFUSED, NO_EVIDENCE, SECRET_UNREADABLE when trying again can't help */
export async function attest(deps: AttestationDeps, signal: AbortSignal): Promise<AgentSvid> {
  const backoff = new Backoff({ firstMs: 500, maxMs: 30_000 });
  for (;;) {
    try {
      return await attestOnce(deps, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error, deps.config)) throw final(error);
      deps.standing.disconnected(error);
      deps.log.warn("attestation_failed", { server: deps.connector.address, error: describeError(error) });
      deps.connector.failOver();
      await deps.clock.sleep(backoff.nextMs(), signal);
    }
  }
}

/** Tries what there is to know the server by, the best first: what it said itself last time, then what the operator gave. */
async function attestOnce(deps: AttestationDeps, signal: AbortSignal): Promise<AgentSvid> {
  const sources = trustSources(deps);
  let failure: unknown = new AgentError("NO_EVIDENCE", "nothing says which server to trust");
  for (const source of sources) {
    try {
      return await attestWith(deps, await source.open(signal), signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
      // A refused certificate shows as an unreachable server: only then may another source help.
      if (!(error instanceof StatusError && error.code === grpcCode.unavailable)) throw error;
      deps.log.debug("server_not_reached", { trust: source.name, error: describeError(error) });
    }
  }
  throw failure;
}

async function attestWith(deps: AttestationDeps, verify: ServerVerifier, signal: AbortSignal): Promise<AgentSvid> {
  const { store, introduction, config, log } = deps;
  const attestor = await openNodeAttestor(config, introduction);
  const key = store.current.attestationKey ?? createAgentKey();
  await store.keepAttestationKey(key);
  using channel = deps.connector.open(verify);
  const svid = await attestNode(channel, attestor, { key, trustDomain: introduction.trustDomain.name, signal });
  await store.keepSvid(svid);
  await store.keepBundle(await fetchBundle(channel, signal));
  log.info("node_attested", { agent_id: svid.id, method: attestor.type, expires_at: svid.notAfter });
  deps.standing.attested(svid);
  return svid;
}

function trustSources({ config, introduction, store, connector, clock, log }: AttestationDeps): TrustSource[] {
  const { trustDomain, enrolment } = introduction;
  const stored = store.current.bundle;
  const sources: TrustSource[] = [];
  const byBundle = (name: string, read: (signal: AbortSignal) => Promise<X509Bundle>): void => {
    const open = async (signal: AbortSignal): Promise<ServerVerifier> => {
      const bundle = await read(signal);
      return verifyByBundle(trustDomain, () => bundle, clock);
    };
    sources.push({ name, open });
  };
  if (stored !== undefined) {
    const authorities = stored.x509Authorities.map(({ der }) => Certificate.parse(der));
    byBundle("stored bundle", async () => new X509Bundle(trustDomain, authorities));
  }
  const { trustBundleFile } = config;
  if (trustBundleFile !== undefined) byBundle("trust bundle file", () => readTrustBundle(trustDomain, trustBundleFile));
  if (enrolment !== undefined) {
    const pinned = { trustDomain, pins: enrolment.pins };
    byBundle("enrolment string", (signal) => fetchPinnedBundle(pinned, connector.address, signal));
  }
  if (config.insecureBootstrap && stored === undefined) {
    log.warn("insecure_bootstrap", { server: connector.address });
    sources.push({ name: "nothing", open: async () => verifyByNameOnly(trustDomain) });
  }
  return sources;
}

/** A token that was refused is refused again; other evidence may be mended while the agent waits. */
function isFinal(error: unknown, { nodeMethod }: AgentConfig): boolean {
  if (error instanceof AgentError) return error.code !== "BAD_ANSWER";
  const refused =
    error instanceof StatusError &&
    (error.code === grpcCode.invalidArgument || error.code === grpcCode.permissionDenied);
  return refused && nodeMethod.type === "join_token";
}

function final(error: unknown): Error {
  if (error instanceof SpiffeError) return error;
  return new AgentError("ATTESTATION_REFUSED", `the server refused this node: ${describeError(error)}`, {
    cause: error,
  });
}
