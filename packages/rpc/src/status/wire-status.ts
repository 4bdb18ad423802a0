// SPDX-License-Identifier: Apache-2.0
import { type Metadata, status } from "@grpc/grpc-js";
import { statusTrailers } from "./status-details.ts";
import type { StatusError } from "./status-error.ts";

/** Longest text that travels, as it is encoded: clients in Java refuse trailers beyond 8 KiB, details included. */
const maxTextBytes = 4000;
/** What is left of a longer one: a character may take nine bytes. */
const cutLength = 440;

const codes: ReadonlyMap<number, status> = new Map(
  Object.values(status).flatMap((code): [number, status][] => (typeof code === "number" ? [[code, code]] : [])),
);

/** An error as the library sends it: an unknown code becomes UNKNOWN, the text is well-formed and short enough for every client. */
export function wireStatus(error: StatusError): { code: status; details: string; metadata: Metadata | null } {
  const code = codes.get(error.code) ?? status.UNKNOWN;
  return {
    code: code === status.OK ? status.UNKNOWN : code,
    details: wireText(error.message.toWellFormed()),
    metadata: statusTrailers(error),
  };
}

function wireText(text: string): string {
  if (text.length <= cutLength || (text.length <= maxTextBytes && encodeURI(text).length <= maxTextBytes)) return text;
  return `${text.slice(0, cutLength)}…`.toWellFormed();
}
