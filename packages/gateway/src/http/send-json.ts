// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from "node:http";

/** Answers with JSON that no cache keeps. Does nothing when the connection is gone. */
export function sendJson(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}
