// SPDX-License-Identifier: Apache-2.0
import { Metadata } from "@grpc/grpc-js";
import { loadMessageCodec, type MessageCodec } from "../proto-files.ts";
import type { StatusDetail, StatusError } from "./status-error.ts";

/** The trailer that carries google.rpc.Status. */
const detailsKey = "grpc-status-details-bin";

/** Clients in Java refuse trailers beyond 8 KiB, text included, and base64 takes a third more: larger details are left out. */
const maxSentBytes = 2700;
const maxReceivedBytes = 64 * 1024;

interface StatusMessage {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly type_url: string; readonly value: Buffer }[];
}

let loaded: MessageCodec | undefined;
function codec(): MessageCodec {
  return (loaded ??= loadMessageCodec("google/rpc/status.proto", "google.rpc.Status"));
}

/** The trailers of a status: empty without details. */
export function statusTrailers({ code, message, details }: StatusError): Metadata | null {
  if (details.length === 0) return null;
  const encoded = codec().encode({
    code,
    message,
    details: details.map(({ typeUrl, value }) => ({ type_url: typeUrl, value })),
  });
  if (encoded.length > maxSentBytes) return null;
  const trailers = new Metadata();
  trailers.set(detailsKey, encoded);
  return trailers;
}

/** The details in received trailers; empty when there are none, or none that can be read, or they belong to another code. */
export function readStatusDetails(code: number, trailers: Metadata): StatusDetail[] {
  const [encoded] = trailers.get(detailsKey);
  if (!(encoded instanceof Buffer) || encoded.length > maxReceivedBytes) return [];
  try {
    const status = codec().decode(encoded) as StatusMessage;
    if (status.code !== code) return [];
    return status.details.map(({ type_url, value }) => ({ typeUrl: type_url, value }));
  } catch {
    // The status itself stands without its details.
    return [];
  }
}
