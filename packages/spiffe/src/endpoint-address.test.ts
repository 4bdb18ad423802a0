// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../test/any-text.ts";
import { codeOf } from "../test/code-of.ts";
import { parseEndpointAddress } from "./endpoint-address.ts";
import { EndpointAddressError } from "./errors.ts";

const refused: Record<string, readonly string[]> = {
  OPAQUE: ["unix:run/a.sock", "unix:a", "tcp:127.0.0.1:80", "tcp:"],
  HAS_AUTHORITY: ["unix://run/a.sock", "unix://host/run/a.sock", "unix://foo"],
  NO_PATH: ["unix://", "unix:", "unix:///"],
  HAS_USERINFO: ["unix://u:p@h/x", "tcp://u@1.2.3.4:5"],
  HAS_QUERY: ["unix:///a?x", "unix:///a?", "tcp://1.2.3.4:5?x", "tcp://1.2.3.4:5?"],
  HAS_FRAGMENT: ["unix:///a#f", "unix:///a#", "tcp://1.2.3.4:5#f"],
  HAS_PATH: ["tcp://127.0.0.1:8000/", "tcp://127.0.0.1:8000/foo"],
  HOST_NOT_IP: [
    "tcp://localhost:8000",
    "tcp://example.org:1",
    "tcp://127.1:80",
    "tcp://",
    "tcp://[127.0.0.1]:80",
    "tcp://::1:80",
  ],
  NO_PORT: [
    "tcp://127.0.0.1",
    "tcp://[::1]",
    "tcp://1.2.3.4:",
    "tcp://1.2.3.4:0",
    "tcp://1.2.3.4:65536",
    "tcp://1.2.3.4:8a",
  ],
  BAD_SCHEME: ["/run/a.sock", "http://x", "npipe:p"],
  NOT_URI: [
    "\t",
    " unix:///a",
    "unix:///a b",
    "unix:///a\n",
    "unix:///%zz",
    "unix:///a%00b",
    "unix:///%ff",
    "unix:///é",
  ],
  NOT_SET: [""],
};

describe("endpoint address", () => {
  it.each([
    ["unix:///run/a.sock", "/run/a.sock"],
    ["unix:/run/a.sock", "/run/a.sock"],
    ["unix:///run/a%20b.sock", "/run/a b.sock"],
    ["UNIX:///a", "/a"],
  ])("ENDPOINT-11 reads %s", (text, path) => {
    expect(parseEndpointAddress(text)).toEqual({ transport: "unix", path });
  });

  it.each([
    ["tcp://127.0.0.1:8000", "127.0.0.1"],
    ["tcp://[::1]:8000", "::1"],
  ])("ENDPOINT-11 reads %s", (text, host) => {
    expect(parseEndpointAddress(text)).toEqual({ transport: "tcp", host, port: 8000 });
  });

  it.each(Object.entries(refused).flatMap(([code, texts]) => texts.map((text) => [text, code] as const)))(
    "ENDPOINT-09 ENDPOINT-10 ENDPOINT-11 refuses %j with %s",
    (text, code) => {
      expect(codeOf(() => parseEndpointAddress(text))).toBe(code);
    },
  );

  it("gives an address or its own error for any text", () => {
    const parts = fc.constantFrom(
      "unix:",
      "tcp:",
      "//",
      "/",
      "a",
      "@",
      ":",
      "[",
      "]",
      "::1",
      "1.2.3.4",
      "80",
      "?",
      "#",
      "%",
      "%2f",
      "é",
    );
    const texts = fc.oneof(
      anyText,
      fc.array(parts, { maxLength: 10 }).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const address = parseEndpointAddress(text);
          if (address.transport === "unix") expect(address.path.startsWith("/")).toBe(true);
          else expect(address.port).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(EndpointAddressError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
