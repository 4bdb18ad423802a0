// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "./clock.ts";
import type { AgentConfig } from "./config/agent-config.ts";
import { HeldSet } from "./entries/held-set.ts";
import { AgentError } from "./errors.ts";
import { IdentityStore } from "./identity/identity-store.ts";
import { isUsable } from "./identity/agent-svid.ts";
import type { DataDirectory } from "./state/data-directory.ts";
import { loadEntries } from "./state/entries-file.ts";
import { loadIdentity } from "./state/identity-file.ts";
import { type Introduction, readIntroduction } from "./trust/bootstrap.ts";
import { TrustDomain } from "@mayfly/spiffe";

/** What the agent starts with: from disk, configuration and enrolment string. */
export interface AgentState {
  readonly introduction: Introduction;
  readonly store: IdentityStore;
  readonly held: HeldSet;
  /** SPIFFE ID by the SVID that it starts with; undefined when it attests first. */
  readonly agentId: string | undefined;
}

/** Reads the data directory; an agent that has an SVID needs no enrolment string any more. @throws {AgentError} STATE_UNREADABLE, STATE_UNSAFE, DATA_DIR_MISMATCH, SECRET_UNREADABLE, NO_EVIDENCE */
export async function openAgentState(
  config: AgentConfig,
  directory: DataDirectory,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<AgentState> {
  const stored = await loadIdentity(directory.identityFile);
  const known = stored?.svid !== undefined && isUsable(stored.svid, clock.now()) ? stored : undefined;
  const introduction = known
    ? {
        trustDomain: TrustDomain.parse(known.trustDomain),
        servers: config.servers.length > 0 ? config.servers : known.servers,
        enrolment: undefined,
      }
    : await readIntroduction(config);
  const { trustDomain, servers } = introduction;
  for (const name of [stored?.trustDomain, config.trustDomain]) {
    if (name !== undefined && name !== trustDomain.name) {
      throw new AgentError(
        "DATA_DIR_MISMATCH",
        `the data directory belongs to the trust domain ${JSON.stringify(trustDomain.name)}`,
      );
    }
  }
  const store = new IdentityStore(directory.identityFile, {
    bundle: undefined,
    svid: undefined,
    attestationKey: undefined,
    ...stored,
    trustDomain: trustDomain.name,
    servers,
  });
  const held = new HeldSet(trustDomain, log);
  const kept = known?.svid && (await loadEntries(directory.entriesFile, known.svid.id));
  if (kept !== undefined) held.apply(kept);
  return { introduction, store, held, agentId: known?.svid?.id };
}
