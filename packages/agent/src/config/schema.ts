// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from "@mayfly/registration";
import { TrustDomain } from "@mayfly/spiffe";
import { z } from "zod";

const duration = z.string("expected a duration such as 2s, 5m or 1h").transform((text, context) => {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  context.addIssue({
    code: "custom",
    message: `expected a duration such as 2s, 5m or 1h, got ${JSON.stringify(text)}`,
  });
  return z.NEVER;
});

const trustDomain = z
  .string("expected a trust domain name")
  .refine(isTrustDomainName, "expected a trust domain name such as example.org");

function isTrustDomainName(text: string): boolean {
  try {
    return TrustDomain.parse(text).name === text;
  } catch {
    return false;
  }
}

/** Whether the text is `host:port` or `[v6]:port`. */
function isServerAddress(text: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/.exec(text);
  return match !== null && Number(match[1]) > 0 && Number(match[1]) <= 65_535;
}

const serverAddress = z.string().refine(isServerAddress, "expected host:port such as ca.example.org:8081");
const absolutePath = z
  .string()
  .refine((text) => text.startsWith("/") && !text.includes("\0"), "expected an absolute path");
const secretSource = z
  .string()
  .refine((text) => text === "-" || text.startsWith("/"), "expected an absolute path, or - for standard input");

/** What the schema hands out: the file's shape with defaults and durations in seconds. */
export interface AgentConfigInput {
  readonly trust_domain?: string | undefined;
  readonly server?: string | readonly string[] | undefined;
  readonly socket?: string | undefined;
  readonly data_dir?: string | undefined;
  readonly enrolment?: string | undefined;
  readonly trust_bundle?: string | undefined;
  readonly insecure_bootstrap: boolean;
  readonly join_token_file?: string | undefined;
  readonly node_attestor: {
    readonly join_token?: object | null | undefined;
    readonly x509pop?: { readonly certificate_file: string; readonly private_key_file: string } | undefined;
  };
  readonly workload_attestors: { readonly unix: { readonly path: boolean; readonly sha256: boolean } };
  readonly refusal_hold: number;
  readonly sync: "push" | "poll" | "auto";
  readonly log_level: "debug" | "info" | "warn" | "error";
  readonly log_format: "text" | "json";
}

/** Shape of the agent's configuration file; keys are the long options with underscores. */
export const agentConfigSchema: z.ZodType<AgentConfigInput> = z.strictObject({
  trust_domain: trustDomain.optional(),
  server: z.union([serverAddress, z.array(serverAddress).min(1).max(16)]).optional(),
  socket: absolutePath.optional(),
  data_dir: absolutePath.optional(),
  enrolment: secretSource.optional(),
  trust_bundle: absolutePath.optional(),
  insecure_bootstrap: z.boolean().default(false),
  join_token_file: secretSource.optional(),
  node_attestor: z
    .strictObject({
      join_token: z.strictObject({}).nullable().optional(),
      x509pop: z.strictObject({ certificate_file: absolutePath, private_key_file: absolutePath }).optional(),
    })
    .refine((each) => Object.keys(each).length <= 1, "expected one method")
    .default({}),
  workload_attestors: z
    .strictObject({
      unix: z.strictObject({ path: z.boolean().default(true), sha256: z.boolean().default(true) }).prefault({}),
    })
    .prefault({}),
  refusal_hold: duration.prefault("2s"),
  sync: z.enum(["push", "poll", "auto"]).default("auto"),
  log_level: z.enum(["debug", "info", "warn", "error"]).default("info"),
  log_format: z.enum(["text", "json"]).default("text"),
});
