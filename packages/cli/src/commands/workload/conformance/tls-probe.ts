// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:tls";
import type { Target } from "../../../channel.ts";

/** Whether a TLS handshake gets to its end there. Nothing is sent after it, and no certificate is believed. */
export function speaksTls({ place }: Target, timeoutMs: number): Promise<boolean> {
  const colon = place.lastIndexOf(":");
  const where = place.startsWith("/")
    ? { path: place }
    : { host: place.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(place.slice(colon + 1)) };
  return new Promise((resolve) => {
    const socket = connect({ ...where, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    const end = (answer: boolean): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(answer);
    };
    const late = setTimeout(() => end(false), timeoutMs);
    socket.once("secureConnect", () => end(true));
    socket.on("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
