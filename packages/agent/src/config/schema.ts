// SPDX-License-Identifier: Apache-2.0
// Read without a library: an agent starts in a few hundred milliseconds, and one would take a tenth of them.
import { parseDuration } from "@mayfly/registration";
import { TrustDomain } from "@mayfly/spiffe";
import { checked, type Field, flag, mapping, oneOf, oneOrMore, type Place, text } from "./fields.ts";

function isTrustDomainName(name: string): boolean {
  try {
    return TrustDomain.parse(name).name === name;
  } catch {
    return false;
  }
}

/** Whether the text is `host:port` or `[v6]:port`. */
function isServerAddress(address: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/.exec(address);
  return match !== null && Number(match[1]) > 0 && Number(match[1]) <= 65_535;
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/") && !path.includes("\0");
}

const absolutePath = checked(isAbsolute, "an absolute path");
const secretSource = checked(
  (source) => source === "-" || isAbsolute(source),
  "an absolute path, or - for standard input",
);

/** Files of the `x509pop` method; both are needed. */
interface X509popFiles {
  readonly certificate_file: string;
  readonly private_key_file: string;
}

const x509popFields = mapping<X509popFiles>({ certificate_file: absolutePath, private_key_file: absolutePath });

function x509pop(value: unknown, place: Place): X509popFiles | undefined {
  const found = x509popFields(value, place);
  if (found === undefined) return undefined;
  const { certificate_file, private_key_file } = found;
  for (const key of ["certificate_file", "private_key_file"] as const)
    if (!Object.hasOwn(value as object, key)) place.report([...place.keys, key], "is needed");
  if (certificate_file === undefined || private_key_file === undefined) return undefined;
  return { certificate_file, private_key_file };
}

interface NodeAttestorInput {
  readonly join_token: object;
  readonly x509pop: X509popFiles;
}

const joinToken = mapping<object>({});
const nodeAttestorFields = mapping<NodeAttestorInput>({
  join_token: (value, place) => joinToken(value ?? {}, place),
  x509pop,
});

function nodeAttestor(value: unknown, place: Place): Partial<NodeAttestorInput> | undefined {
  const found = nodeAttestorFields(value, place);
  if (found !== undefined && Object.keys(value as object).length > 1) place.report(place.keys, "expected one method");
  return found;
}

/** What stands in the file, by key; durations in seconds. */
export interface AgentConfigInput {
  readonly trust_domain: string;
  readonly server: readonly string[];
  readonly socket: string;
  readonly data_dir: string;
  readonly enrolment: string;
  readonly trust_bundle: string;
  readonly insecure_bootstrap: boolean;
  readonly join_token_file: string;
  readonly node_attestor: Partial<NodeAttestorInput>;
  readonly workload_attestors: { readonly unix?: { readonly path?: boolean; readonly sha256?: boolean } };
  readonly refusal_hold: number;
  readonly sync: "push" | "poll" | "auto";
  readonly log_level: "debug" | "info" | "warn" | "error";
  readonly log_format: "text" | "json";
}

/** Shape of the agent's configuration file; keys are the long options with underscores. Every key may be left out. */
export const readAgentConfig: Field<Partial<AgentConfigInput>> = mapping<AgentConfigInput>({
  trust_domain: checked(isTrustDomainName, "a trust domain name such as example.org"),
  server: oneOrMore(checked(isServerAddress, "host:port such as ca.example.org:8081"), 16),
  socket: absolutePath,
  data_dir: absolutePath,
  enrolment: secretSource,
  trust_bundle: absolutePath,
  insecure_bootstrap: flag,
  join_token_file: secretSource,
  node_attestor: nodeAttestor,
  workload_attestors: mapping<{ unix: { path?: boolean; sha256?: boolean } }>({
    unix: mapping<{ path: boolean; sha256: boolean }>({ path: flag, sha256: flag }),
  }),
  refusal_hold: text(parseDuration, "a duration such as 2s, 5m or 1h"),
  sync: oneOf("push", "poll", "auto"),
  log_level: oneOf("debug", "info", "warn", "error"),
  log_format: oneOf("text", "json"),
});
