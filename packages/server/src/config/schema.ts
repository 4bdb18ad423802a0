// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from "@mayfly/registration";
import { SpiffeId, TrustDomain } from "@mayfly/spiffe";
import { z } from "zod";

function isParsed(parse: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      parse(text);
      return true;
    } catch {
      return false;
    }
  };
}

/** Host and port of `0.0.0.0:8081` or `[::1]:8081`; undefined for anything else. */
function parseEndpoint(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

const endpoint = z.string("expected address:port such as 0.0.0.0:8081").transform((text, context) => {
  const parsed = parseEndpoint(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "expected address:port such as 0.0.0.0:8081" });
  return z.NEVER;
});

const duration = z.string("expected a duration such as 90s, 5m or 24h").transform((text, context) => {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  context.addIssue({
    code: "custom",
    message: `expected a duration such as 90s, 5m or 24h, got ${JSON.stringify(text)}`,
  });
  return z.NEVER;
});

const forEver = z.literal([0, "0"]).transform(() => 0);

const trustDomain = z.string("expected a trust domain name").refine(
  isParsed((text) => {
    if (TrustDomain.parse(text).name !== text) throw new RangeError("not a bare name");
  }),
  "expected a trust domain name such as example.org",
);

const spiffeId = z.string().refine(
  isParsed((text) => SpiffeId.parse(text)),
  "expected a SPIFFE ID such as spiffe://example.org/operator",
);

const absolutePath = z
  .string()
  .refine((text) => text.startsWith("/") && !text.includes("\0"), "expected an absolute path");
const rate = z.number("expected a number").int().min(0).max(1_000_000);
const notACollector = "expected an http or https URL without user, query and fragment";
const collector = z
  .url({ protocol: /^https?$/, error: notACollector })
  .refine((text) => !/[?#@]/.test(text), notACollector)
  .transform((text) => new URL(text));
const nothing = z.strictObject({}).nullable();

/** What the schema hands out: the file's shape with defaults and durations in seconds. */
export interface ServerConfigInput {
  readonly trust_domain: string;
  readonly bind: { readonly host: string; readonly port: number };
  readonly server_socket?: string | undefined;
  readonly server_socket_gid?: number | undefined;
  readonly data_dir?: string | undefined;
  readonly x509_svid_ttl: number;
  readonly jwt_svid_ttl: number;
  readonly agent_svid_ttl: number;
  readonly ca_ttl: number;
  readonly task_retention: number;
  readonly admin_ids: readonly string[];
  readonly gateways: readonly string[];
  readonly brokers: readonly string[];
  readonly node_attestors: {
    readonly join_token?: object | null | undefined;
    readonly x509pop?: { readonly ca_file: string } | undefined;
  };
  readonly rate_limit: { readonly attestation: number; readonly signing: number };
  readonly key_encryption_key_file?: string | undefined;
  readonly traces?: { readonly otlp: URL } | undefined;
  readonly log_level: "debug" | "info" | "warn" | "error";
  readonly log_format: "text" | "json";
}

/** Shape of the server's configuration file; keys are the long options with underscores. */
export const serverConfigSchema: z.ZodType<ServerConfigInput> = z.strictObject({
  trust_domain: trustDomain,
  bind: endpoint.prefault("0.0.0.0:8081"),
  server_socket: absolutePath.optional(),
  server_socket_gid: z.number().int().min(0).optional(),
  data_dir: absolutePath.optional(),
  x509_svid_ttl: duration.prefault("10m"),
  jwt_svid_ttl: duration.prefault("5m"),
  agent_svid_ttl: duration.prefault("1h"),
  ca_ttl: duration.prefault("24h"),
  task_retention: z.union([forEver, duration], "expected a duration such as 720h, or 0 = for ever").prefault("720h"),
  admin_ids: z.array(spiffeId).default([]),
  gateways: z.array(spiffeId).default([]),
  brokers: z.array(spiffeId).default([]),
  node_attestors: z
    .strictObject({ join_token: nothing.optional(), x509pop: z.strictObject({ ca_file: absolutePath }).optional() })
    .default({ join_token: {} })
    .refine(({ join_token: a, x509pop: b }) => a !== undefined || b !== undefined, "expected at least one method"),
  rate_limit: z.strictObject({ attestation: rate.default(1), signing: rate.default(500) }).prefault({}),
  key_encryption_key_file: absolutePath.optional(),
  traces: z.strictObject({ otlp: collector }).optional(),
  log_level: z.enum(["debug", "info", "warn", "error"]).default("info"),
  log_format: z.enum(["text", "json"]).default("text"),
});
