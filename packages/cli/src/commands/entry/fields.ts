// SPDX-License-Identifier: Apache-2.0
import type { SpiffeIdMessage } from "@mayfly/rpc";
import type { Command } from "commander";
import { duration, instant, plain, repeated, selector, spiffeId, trustDomain } from "../../values.ts";
import { usageFailure } from "../../failure.ts";

/** Options that describe an entry, as parsed. */
export interface EntryOptions {
  readonly spiffeId?: SpiffeIdMessage;
  readonly parentId?: SpiffeIdMessage;
  readonly node?: boolean;
  readonly selector?: readonly { type: string; value: string }[];
  readonly x509SvidTtl?: number;
  readonly jwtSvidTtl?: number;
  readonly dnsName?: readonly string[];
  readonly federatesWith?: readonly string[];
  readonly admin?: boolean;
  readonly downstream?: boolean;
  readonly hint?: string;
  readonly expiresIn?: number;
  readonly expiresAt?: number;
  readonly storeSvid?: boolean;
  readonly entryId?: string;
}

/** Adds the options that describe an entry. */
export function withEntryOptions(command: Command): Command {
  return command
    .option("--spiffe-id <id>", "SPIFFE ID that the processes get", spiffeId)
    .option("--parent-id <id>", "SPIFFE ID of the node (or of a group of nodes) that they run on", spiffeId)
    .option("--node", "the entry names a group of nodes: its parent is the server")
    .option("--selector <type:value>", "what must hold of the process; repeatable, all must hold", repeated(selector))
    .option("--x509-svid-ttl <duration>", "lifetime of its X.509-SVIDs", duration)
    .option("--jwt-svid-ttl <duration>", "lifetime of its JWT-SVIDs", duration)
    .option("--dns-name <name>", "DNS name in its certificates; repeatable", repeated(plain))
    .option("--federates-with <trust domain>", "trust domain whose bundle it gets; repeatable", repeated(trustDomain))
    .option("--admin", "the identity may administer the server")
    .option("--downstream", "the identity is a server below this one")
    .option("--hint <text>", "tells several identities of one process apart")
    .option("--expires-in <duration>", "the entry ends after this time", duration)
    .option("--expires-at <time>", "the entry ends at this time (RFC 3339)", instant)
    .option("--store-svid", "for secret stores only, never for the Workload API");
}

/** The entry message of the options given; undefined fields were not given. */
export function entryFields(
  options: EntryOptions,
  serverId: SpiffeIdMessage | undefined,
  now: Date,
): Record<string, unknown> {
  if (options.node === true && options.parentId !== undefined)
    throw usageFailure("--node and --parent-id exclude each other");
  if (options.expiresIn !== undefined && options.expiresAt !== undefined) {
    throw usageFailure("--expires-in and --expires-at exclude each other");
  }
  const expiresAt =
    options.expiresIn === undefined ? options.expiresAt : Math.floor(now.getTime() / 1000) + options.expiresIn;
  const fields: Record<string, unknown> = {
    id: options.entryId,
    spiffe_id: options.spiffeId,
    parent_id: options.node === true ? serverId : options.parentId,
    selectors: options.selector,
    x509_svid_ttl: options.x509SvidTtl,
    jwt_svid_ttl: options.jwtSvidTtl,
    dns_names: options.dnsName,
    federates_with: options.federatesWith,
    admin: options.admin,
    downstream: options.downstream,
    hint: options.hint,
    expires_at: expiresAt,
    store_svid: options.storeSvid,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
