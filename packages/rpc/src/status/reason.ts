// SPDX-License-Identifier: Apache-2.0
import { loadMessageCodec, type MessageCodec } from "../proto-files.ts";
import type { StatusDetail, StatusError } from "./status-error.ts";

const typeUrl = "type.googleapis.com/mayfly.v1.Reason";

/** Why a call was refused (mayfly.v1.Reason). */
export interface Reason {
  /** Stable, upper case, such as `MISSING_SELECTOR`. */
  readonly code: string;
  /** One sentence: what stands in the way. */
  readonly message: string;
  /** The smallest change that would help; may be empty. */
  readonly hint: string;
}

let loaded: MessageCodec | undefined;
function codec(): MessageCodec {
  return (loaded ??= loadMessageCodec("mayfly/reason.proto", "mayfly.v1.Reason"));
}

/** A status detail with our reason. */
export function reasonDetail(reason: Reason): StatusDetail {
  return { typeUrl, value: codec().encode(reason) };
}

/** Our reason in the details of an error; undefined when it has none that can be read. */
export function reasonOf(error: StatusError): Reason | undefined {
  const detail = error.details.find((each) => each.typeUrl === typeUrl);
  if (detail === undefined) return undefined;
  try {
    return codec().decode(detail.value) as Reason;
  } catch {
    return undefined;
  }
}
