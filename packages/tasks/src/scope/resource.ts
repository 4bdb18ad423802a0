// SPDX-License-Identifier: Apache-2.0
import type { ResourceLimit } from "./scope.ts";

/** Longest resource name that is looked at. */
export const maxResourceLength = 1024;

/** Whether a text hides no other path behind an encoding: no empty, `.` or `..` segment in its middle, no `\`, `%`, control character or half a surrogate pair. */
export function isUnambiguous(text: string): boolean {
  if (!text.isWellFormed() || /[\\%]|\p{Cc}|\/\//u.test(text)) return false;
  return !text.split("/").some((segment) => segment === "." || segment === "..");
}

/** The only form of a resource's name that is compared: unambiguous and without a slash at its end. Case matters. */
export function isCanonicalResource(name: string): boolean {
  return name !== "" && name.length <= maxResourceLength && isUnambiguous(name) && !name.endsWith("/");
}

/** Whether a canonical name is below a canonical prefix, segment by segment, or is it. */
function isBelow(name: string, prefix: string): boolean {
  return name === prefix || name.startsWith(`${prefix}/`);
}

/** Whether a limit covers a canonical name. */
export function coversResource(limit: ResourceLimit, name: string): boolean {
  return "set" in limit ? limit.set.includes(name) : isBelow(name, limit.prefix);
}

/** Whether all that `child` covers is covered by `parent`. */
export function isResourceLimitNarrower(child: ResourceLimit, parent: ResourceLimit): boolean {
  if ("set" in child) return child.set.every((name) => coversResource(parent, name));
  return "prefix" in parent && isBelow(child.prefix, parent.prefix);
}
