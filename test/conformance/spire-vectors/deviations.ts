// SPDX-License-Identifier: Apache-2.0
import { type Deviation, instead, without } from "./harness/deviation.ts";
import type { Json } from "./harness/scenario.ts";

const longIds = "SPIFFE IDs above 2,048 bytes are refused (SPIFFE-ID §2.3); SPIRE stores them";
const afterLongIds = "the two entries with overlong IDs were refused";
const oddTokens =
  "a join token that can't be part of an agent ID is refused when it is made; SPIRE stores it and fails later";
const federation = "federation relationships are not served yet";
const ed25519 = "Ed25519 keys are not certified: Go agents and several SPIFFE libraries can't use them";
const expired = "an entry yields nothing from the second on in which it ends; SPIRE serves it until it is pruned";
const masked =
  "with a mask SPIRE says downstream of entries that are admin and not of those that are (corrected in 1.14.3)";
const rowIds = "page tokens are row ids of our own store";
const names = "server and authorities have names of our own";

const tooLong: Deviation = {
  reason: longIds,
  instead: instead({
    results: [
      {
        status: { code: 3, message: "failed to convert entry: invalid spiffe ID: SPIFFE ID is longer than 2048 bytes" },
      },
    ],
  }),
};
const unimplemented = (reason: string): Deviation => ({
  reason,
  instead: ({ rpc }) => ({
    code: 12,
    message: `method ${rpc.split("/")[2] ?? ""} not implemented`,
    response: undefined,
  }),
});
/** Entry `adm` is an admin, entry `b` a downstream server. */
function withTrueDownstream({ response = {} }: { readonly response?: Json | undefined }): { response: Json } {
  const corrected: unknown = JSON.parse(JSON.stringify(response), (_, value: { id?: string; downstream?: boolean }) => {
    if (value?.id === "adm") delete value.downstream;
    if (value?.id === "b") value.downstream = true;
    return value;
  });
  return { response: corrected as Json };
}

const anyToken: Deviation = { reason: rowIds, instead: () => ({ any: ["/nextPageToken"] }) };
const fewer = (reason: string, ...ids: string[]): Deviation => ({ reason, instead: without(ids) });
const subjects: Deviation = {
  reason: names,
  instead: ({ response }) => ({
    response: JSON.parse(
      JSON.stringify(response)
        .replace('"subject":"O=SPIRE,C=US"', '"subject":""')
        .replace("SERIALNUMBER=<n>,O=SPIFFE,C=US", "serialNumber=<any>,CN=Mayfly CA,O=Mayfly")
        .replace(',"subject":""', ""),
    ),
  }),
};

function each(ids: readonly string[], deviation: Deviation): Record<string, Deviation> {
  return Object.fromEntries(ids.map((id) => [id, deviation]));
}

/** Where we answer otherwise on purpose, by scenario and case. Each stands with its reason in docs/spire-compatibility.md, too. */
export const deviations: Readonly<Record<string, Readonly<Record<string, Deviation>>>> = {
  entry: {
    ...each(["entry.create.ok-long-path", "entry.create.ok-too-long-path"], tooLong),
    ...each(
      ["entry.count.all", "entry.list.by-hint-empty", "entry.count.by-downstream-false", "entry.count.end"],
      fewer(afterLongIds, "long-1", "long-2"),
    ),
    "entry.list.page-3": {
      reason: `${afterLongIds}, and ${rowIds}`,
      instead: (recorded) => ({ ...without(["long-1", "long-2"])(recorded), any: ["/nextPageToken"] }),
    },
  },
  agent: {
    "agent.token.odd-characters": {
      reason: oddTokens,
      instead: () => ({ code: 3, message: "invalid join token: <any>", response: undefined }),
    },
    "agent.token.agent-id-bad-token-stays": {
      reason: oddTokens,
      instead: () => ({ code: 3, message: "invalid join token: <any>" }),
    },
    "agent.attest.odd-token": {
      reason: oddTokens,
      instead: () => ({ code: 3, message: "failed to attest: join token does not exist or has already been used" }),
    },
  },
  authorization: each(
    [
      "authz.admin.trustdomain-GetFederationRelationship",
      "authz.admin.trustdomain-BatchCreateFederationRelationship",
      "authz.admin.trustdomain-BatchUpdateFederationRelationship",
      "authz.admin.trustdomain-BatchDeleteFederationRelationship",
      "authz.local.trustdomain-ListFederationRelationships",
      "authz.local.trustdomain-GetFederationRelationship",
      "authz.local.trustdomain-BatchCreateFederationRelationship",
      "authz.local.trustdomain-BatchDeleteFederationRelationship",
      "authz.local.trustdomain-RefreshBundle",
    ],
    unimplemented(federation),
  ),
  bundle: each(["bundle.list.page-1", "bundle.list.page-2", "bundle.list.page-3", "bundle.list.page-4"], anyToken),
  misc: each(["debug.info", "debug.info-cached", "debug.info-later"], subjects),
  svid: {
    "svid.mint-x509.ed25519": {
      reason: ed25519,
      instead: () => ({ code: 3, message: "malformed CSR: <any>", response: undefined }),
    },
    "svid.batch.key-ed25519": {
      reason: ed25519,
      instead: instead({ results: [{ status: { code: 3, message: "malformed CSR: <any>" } }] }),
    },
    "svid.batch.flags-expired-entry": {
      reason: expired,
      instead: instead({ results: [{ status: { code: 5, message: "entry not found or not authorized" } }] }),
    },
  },
  sync: {
    ...each(["sync.get.mask-downstream", "sync.sync.agent-mask"], {
      reason: `${masked}; ${expired}`,
      instead: (recorded) => withTrueDownstream(without(["exp"])(recorded)),
    }),
    ...each(
      [
        "sync.get.all",
        "sync.get.mask-spiffe_id",
        "sync.get.mask-parent_id",
        "sync.get.mask-selectors",
        "sync.get.mask-x509_svid_ttl",
        "sync.get.mask-admin",
        "sync.get.mask-expires_at",
        "sync.get.mask-dns_names",
        "sync.get.mask-store_svid",
        "sync.get.mask-jwt_svid_ttl",
        "sync.get.mask-hint",
        "sync.sync.all",
        "sync.sync.second-message-small",
        "sync.get.after-delete",
      ],
      fewer(expired, "exp"),
    ),
  },
};
