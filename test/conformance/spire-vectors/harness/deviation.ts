// SPDX-License-Identifier: Apache-2.0
import type { Json, VectorCase } from "./scenario.ts";

/** Where we answer otherwise on purpose. */
export interface Deviation {
  readonly reason: string;
  /** What we answer instead; only named fields are replaced. Absent = a different answer that is not pinned. */
  readonly instead?: ((recorded: VectorCase) => Answered) | undefined;
}

/** A recorded case as we answer it; a response of undefined = none. */
type Answered = { readonly [K in keyof VectorCase]?: VectorCase[K] | undefined };

/** Another response. */
export function instead(response: Json): (recorded: VectorCase) => Answered {
  return () => ({ response });
}

function drop(value: Json, ids: readonly string[]): Json {
  if (Array.isArray(value)) {
    return value.filter((item: Json) => !ids.includes(idOf(item))).map((item: Json) => drop(item, ids));
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, drop(item, ids)]));
}

function idOf(item: Json): string {
  return item !== null && typeof item === "object" && "id" in item && typeof item["id"] === "string" ? item["id"] : "";
}

/** The same response without some things, by id; a count is so much smaller. */
export function without(ids: readonly string[]): (recorded: VectorCase) => Answered {
  return ({ response = {} }) => {
    const { count } = response as { readonly count?: number };
    return { response: count === undefined ? drop(response, ids) : { count: count - ids.length } };
  };
}
