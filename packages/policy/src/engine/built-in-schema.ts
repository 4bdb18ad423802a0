// SPDX-License-Identifier: Apache-2.0

/** Version of what is below. A bundle names the one that it was written for; a decision is replayed with that one. */
export const builtInSchemaVersion = 1;

/**
 * Members of `context`, with their types.
 *
 * `scope`: what the task's scope says: `within` all limits hold, `asks` a person has to approve, or may lift the limit. `path`: the
 * resource, when the call names exactly one. `undeclared`: names of arguments that are not in `Arguments`. `tier`: of the task or agent,
 * or `operator`. `depth`: 0 for a root task and outside of tasks.
 */
const contextTypes: Readonly<Record<string, string>> = {
  now: "datetime",
  effect: "String",
  tier: "String",
  depth: "Long",
  scope: "{ within: Bool, asks: Bool }",
  arguments: "Arguments",
  undeclared: "Set<String>",
  resources: "Set<String>",
  "path?": "String",
  "approval?": "{ id: String, approvers: Long }",
  "untrusted?": "Bool",
};

/** Names of the members of `context`. */
export const contextMembers: readonly string[] = Object.keys(contextTypes).map(plainName);

/** Of a bundle that declares no arguments. */
export const noArguments = "type Arguments = {};\n";

/**
 * What policies may speak of; a bundle adds `type Arguments`, the arguments of calls that its policies look at. Only the given members
 * of `context` are in it.
 *
 * A `Task` is in its agent, in its owner and in its ancestors, but not in the ancestors' agents: what is written for an agent does not
 * hold for those that it delegates to; what is written for a task does.
 */
export function builtInSchema(members: readonly string[] = contextMembers): string {
  const context = Object.entries(contextTypes).filter(([name]) => members.includes(plainName(name)));
  return `entity Agent;
entity Operator;
entity Task in [Task, Agent, Operator];
entity ToolServer;
entity Tool in [ToolServer];
action call, list appliesTo {
  principal: [Agent, Task, Operator],
  resource: [Tool],
  context: {
${context.map(([name, type]) => `    ${name}: ${type}`).join(",\n")}
  }
};
`;
}

function plainName(name: string): string {
  return name.replace("?", "");
}
