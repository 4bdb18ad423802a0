// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from "@mayfly/registration";
import { SpiffeId } from "@mayfly/spiffe";
import type { ConfigProblem, RawConfig } from "../raw-config.ts";

type Path = readonly string[];

/** Reads settings and gathers all that is wrong with them; no value is repeated in a problem. */
export class SettingsReader {
  readonly problems: ConfigProblem[] = [];
  readonly #raw: RawConfig;

  constructor(raw: RawConfig) {
    this.#raw = raw;
  }

  report(path: Path, problem: string): undefined {
    this.problems.push({ path: path.join("."), problem, ...this.#raw.position(path) });
  }

  /** A mapping with none but these keys. */
  mapping(value: unknown, path: Path, keys: readonly string[]): Readonly<Record<string, unknown>> {
    const found = this.anyMapping(value, path);
    for (const key of Object.keys(found)) if (!keys.includes(key)) this.report([...path, key], "unknown key");
    return found;
  }

  anyMapping(value: unknown, path: Path): Readonly<Record<string, unknown>> {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    this.report(path, "expected a mapping");
    return {};
  }

  text(value: unknown, path: Path, rule: { readonly pattern: RegExp; readonly expected: string }): string | undefined {
    if (typeof value === "string" && rule.pattern.test(value)) return value;
    return this.report(path, value === undefined ? "is missing" : `expected ${rule.expected}`);
  }

  integer(value: unknown, path: Path, [min, max]: readonly [number, number]): number | undefined {
    if (value === undefined) return undefined;
    if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    return this.report(path, `expected a whole number from ${String(min)} to ${String(max)}`);
  }

  /** `90s`, `5m`, `250ms`, in milliseconds. */
  duration(value: unknown, path: Path, [min, max]: readonly [number, number]): number | undefined {
    if (value === undefined) return undefined;
    const ms = typeof value === "string" ? millisecondsOf(value) : undefined;
    if (ms !== undefined && ms >= min && ms <= max) return ms;
    return this.report(path, `expected a duration such as 30s, from ${String(min)}ms to ${String(max)}ms`);
  }

  list(value: unknown, path: Path): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length <= 256) return value;
    this.report(path, "expected a list");
    return [];
  }

  /** SPIFFE IDs, at least one. */
  ids(value: unknown, path: Path): readonly SpiffeId[] {
    const listed = this.list(value, path);
    if (listed.length === 0) this.report(path, "expected at least one SPIFFE ID");
    return listed.flatMap((each, index) => this.id(each, [...path, String(index)]) ?? []);
  }

  id(value: unknown, path: Path): SpiffeId | undefined {
    try {
      return SpiffeId.parse(typeof value === "string" ? value : "");
    } catch {
      return this.report(path, "expected a SPIFFE ID");
    }
  }
}

function millisecondsOf(text: string): number | undefined {
  const ms = /^(\d{1,7})ms$/.exec(text)?.[1];
  if (ms !== undefined) return Number(ms);
  const seconds = parseDuration(text);
  return seconds === undefined ? undefined : seconds * 1000;
}
