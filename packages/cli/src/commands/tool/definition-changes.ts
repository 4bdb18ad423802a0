// SPDX-License-Identifier: Apache-2.0

/** One place where two JSON values differ; undefined = not there. */
export interface DefinitionChange {
  /** `inputSchema.properties.amount.type`; "" = the whole. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function child(path: string, name: string): string {
  const step = /^[A-Za-z_$][\w$-]*$/.test(name) ? name : JSON.stringify(name);
  return path === "" ? step : `${path}.${step}`;
}

function membersOf(value: Members | readonly unknown[]): Map<string, unknown> {
  return new Map(Object.entries(value));
}

/** Where two definitions differ, in the order of the first; members of objects and items of lists are compared one by one. */
export function definitionChanges(before: unknown, after: unknown, path = ""): DefinitionChange[] {
  const bothObjects = isObject(before) && isObject(after);
  if (bothObjects || (Array.isArray(before) && Array.isArray(after))) {
    const [old, now] = [membersOf(before as Members), membersOf(after as Members)];
    const names = new Set([...old.keys(), ...now.keys()]);
    return [...names].flatMap((name) => definitionChanges(old.get(name), now.get(name), child(path, name)));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}
