// SPDX-License-Identifier: Apache-2.0
import { PolicyError } from "../errors.ts";
import { startCedar } from "./cedar.ts";

/** Type of a declared argument. `text` stands for the extension types that are written as text: decimal, datetime, duration, ipaddr. */
export type ArgumentType =
  | { readonly kind: "String" | "Long" | "Bool" }
  | { readonly kind: "extension"; readonly constructor: string }
  | { readonly kind: "Set"; readonly element: ArgumentType }
  | { readonly kind: "Record"; readonly members: DeclaredArguments };

/** Declared arguments by name. */
export type DeclaredArguments = ReadonlyMap<string, ArgumentType & { readonly optional: boolean }>;

const constructors: Readonly<Record<string, string>> = {
  decimal: "decimal",
  datetime: "datetime",
  duration: "duration",
  ipaddr: "ip",
};

/**
 * Reads `type Arguments = { … }` of a Cedar schema.
 * @throws {PolicyError} SCHEMA_INVALID no such type, not a record, or with entities in it
 */
export function readDeclaredArguments(schema: string): DeclaredArguments {
  const answer = startCedar().schemaToJsonWithResolvedTypes(schema);
  if (answer.type === "failure") throw new PolicyError("SCHEMA_INVALID", answer.errors[0]?.message ?? "no schema");
  const type = readType(answer.json[""]?.commonTypes?.["Arguments"] ?? {});
  if (type.kind !== "Record") throw new PolicyError("SCHEMA_INVALID", "schema: Arguments has to be a record");
  return type.members;
}

interface TypeJson {
  readonly type?: string;
  readonly element?: TypeJson;
  readonly attributes?: Readonly<Record<string, TypeJson & { readonly required?: boolean }>>;
}

function readType({ type, element = {}, attributes = {} }: TypeJson): ArgumentType {
  if (type === "String" || type === "Long" || type === "Bool") return { kind: type };
  if (type === "Boolean") return { kind: "Bool" };
  if (type === "Set") return { kind: "Set", element: readType(element) };
  if (type === "Record") {
    const members = Object.entries(attributes).map(
      ([name, each]) => [name, { ...readType(each), optional: each.required === false }] as const,
    );
    return { kind: "Record", members: new Map(members) };
  }
  const constructor = constructors[type ?? ""];
  if (constructor !== undefined) return { kind: "extension", constructor };
  throw new PolicyError("SCHEMA_INVALID", `schema: an argument can't be of type ${JSON.stringify(type ?? "none")}`);
}
