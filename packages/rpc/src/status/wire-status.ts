// SPDX-License-Identifier: Apache-2.0
import { type Metadata, status } from "@grpc/grpc-js";
import { statusTrailers } from "./status-details.ts";
import type { StatusError } from "./status-error.ts";

/** Longest text that travels with a status; trailers beyond 8 KiB are refused by clients, and a character may take nine bytes. */
const maxTextLength = 500;

const codes: ReadonlyMap<number, status> = new Map(
  Object.values(status).flatMap((code): [number, status][] => (typeof code === "number" ? [[code, code]] : [])),
);

/** An error as the library sends it: an unknown code becomes UNKNOWN, the text is well-formed and short enough for every client. */
export function wireStatus(error: StatusError): { code: status; details: string; metadata: Metadata | null } {
  const { message } = error;
  const code = codes.get(error.code) ?? status.UNKNOWN;
  const text = message.length > maxTextLength ? `${message.slice(0, maxTextLength - 1)}…` : message;
  return {
    code: code === status.OK ? status.UNKNOWN : code,
    details: text.toWellFormed(),
    metadata: statusTrailers(error),
  };
}
