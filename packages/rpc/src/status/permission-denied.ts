// SPDX-License-Identifier: Apache-2.0
import type { PermissionDeniedDetailsMessage, PermissionDeniedReason } from "../messages/types.ts";
import { loadMessageCodec, type MessageCodec } from "../proto-files.ts";
import type { StatusDetail, StatusError } from "./status-error.ts";

const typeUrl = "type.googleapis.com/spire.api.types.PermissionDeniedDetails";

let loaded: MessageCodec | undefined;
function codec(): MessageCodec {
  return (loaded ??= loadMessageCodec("spire/api/types.proto", "spire.api.types.PermissionDeniedDetails"));
}

/** A status detail that tells an agent why it was denied. Agents throw their identity away on the AGENT_* reasons. */
export function permissionDeniedDetail(reason: PermissionDeniedReason): StatusDetail {
  return { typeUrl, value: codec().encode({ reason }) };
}

/** The reason in the details of an error; undefined when it has none, or one that the contract does not know. */
export function permissionDeniedReason(error: StatusError): PermissionDeniedReason | undefined {
  const detail = error.details.find((each) => each.typeUrl === typeUrl);
  if (detail === undefined) return undefined;
  try {
    const { reason } = codec().decode(detail.value) as PermissionDeniedDetailsMessage;
    return typeof reason === "string" ? reason : undefined;
  } catch {
    return undefined;
  }
}
