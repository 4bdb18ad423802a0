// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "./certificate.ts";
import { X509Error } from "./errors.ts";
import type { GeneralName } from "./general-name.ts";
import { attributeText, type DistinguishedName, type NameAttribute } from "./name.ts";
import type { NameConstraints } from "./name-constraints.ts";
import { OID } from "./oid.ts";

const maxComparisons = 250_000;
const refuse = (message: string): X509Error => new X509Error("NAME_CONSTRAINT", message);

/** How many names may still be compared with subtrees: one budget for a whole search, however often it comes by. */
export class NameBudget {
  #left = maxComparisons;

  /** @throws {X509Error} PATH_BUDGET when it is used up */
  spend(comparisons: number): void {
    this.#left -= comparisons;
    if (this.#left < 0) throw new X509Error("PATH_BUDGET", "too many names to compare with constraints");
  }
}

/** How `assertNamesAllowed` compares. */
export interface NameRules {
  /** Refuses DNS subtrees with a leading period too. */
  readonly strict: boolean;
  readonly budget: NameBudget;
}

/**
 * Holds the names of certificates against one issuer's name constraints (RFC 5280 §4.2.1.10). Each name must lie in a permitted subtree of
 * its kind when there is one, and in no excluded one. A name or subtree that can't be understood is refused, not skipped; so is a kind
 * that this package doesn't compare, once a certificate has a name of it.
 * @throws {X509Error} NAME_CONSTRAINT, PATH_BUDGET
 */
export function assertNamesAllowed(
  certificates: readonly Certificate[],
  constraints: NameConstraints,
  { strict, budget }: NameRules,
): void {
  const subtrees = [...constraints.permitted, ...constraints.excluded];
  const weight = subtrees.reduce((sum, subtree) => sum + weightOf(subtree), 0);
  budget.spend(weight);
  for (const subtree of subtrees) assertSubtree(subtree, strict);
  for (const certificate of certificates) {
    for (const name of namesOf(certificate)) {
      budget.spend(weightOf(name) * weight);
      assertNameAllowed(name, constraints);
    }
  }
}

/** What comparing a name costs: attributes of directory names are compared each with each. */
function weightOf(name: GeneralName): number {
  return name.kind === "directory" ? 1 + name.value.reduce((sum, rdn) => sum + rdn.length, 0) : 1;
}

function assertNameAllowed(name: GeneralName, { permitted, excluded }: NameConstraints): void {
  const judged = judge(name);
  const permittedHere = permitted.filter((subtree) => isSameKind(name, subtree));
  const excludedHere = excluded.filter((subtree) => isSameKind(name, subtree));
  if (permittedHere.length === 0 && excludedHere.length === 0) return;
  if (judged === undefined) throw refuse("a name is of a kind that constraints apply to but can't be compared");
  // @NOTE A wildcard is inside a permitted subtree when all that it stands for is, but meets an excluded one when any of it does.
  if (excludedHere.some((subtree) => judged.meets(subtree))) throw refuse("a name lies in an excluded subtree");
  if (permittedHere.length > 0 && !permittedHere.some((subtree) => judged.isInside(subtree))) {
    throw refuse("a name lies in no permitted subtree");
  }
}

/** The names that constraints apply to: alternative names, the subject, and its e-mail addresses when there are no alternative names. */
function namesOf(certificate: Certificate): GeneralName[] {
  const names = [...certificate.subjectAltNames];
  const { subject } = certificate;
  if (subject.length > 0) names.push({ kind: "directory", value: subject });
  if (certificate.subjectAltNames.length > 0) return names;
  for (const attribute of subject.flat()) {
    const text = attribute.type === OID.emailAddress ? attributeText(attribute) : undefined;
    if (text !== undefined) names.push({ kind: "email", value: text });
  }
  return names;
}

function isSameKind(a: GeneralName, b: GeneralName): boolean {
  return a.kind === b.kind && (a.kind !== "other" || b.kind !== "other" || a.tag === b.tag);
}

interface JudgedName {
  isInside(subtree: GeneralName): boolean;
  meets(subtree: GeneralName): boolean;
}

const both = (matches: (subtree: GeneralName) => boolean): JudgedName => ({ isInside: matches, meets: matches });

/** A name made ready for comparing; undefined when its kind can't be compared. @throws {X509Error} for a name that is malformed */
function judge(name: GeneralName): JudgedName | undefined {
  switch (name.kind) {
    case "dns":
      return judgeDns(name.value);
    case "email": {
      const mailbox = parseMailbox(name.value);
      if (mailbox === undefined) throw refuse("an e-mail address is malformed");
      return both((subtree) => subtree.kind === "email" && isMailboxInside(mailbox, subtree.value));
    }
    case "uri":
      return both((subtree) => {
        if (subtree.kind !== "uri") return false;
        const host = hostOf(name.value);
        if (host === undefined) throw refuse("a URI has no host name");
        return isHostInside(host, subtree.value.toLowerCase());
      });
    case "ip":
      return both((subtree) => subtree.kind === "ip" && isAddressInside(name.value, subtree.value));
    case "directory":
      return both((subtree) => subtree.kind === "directory" && isNameInside(name.value, subtree.value));
    default:
      return undefined;
  }
}

const label = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/;

function isHostName(text: string): boolean {
  return text.length <= 253 && text.split(".").every((part) => part.length <= 63 && label.test(part));
}

function judgeDns(value: string): JudgedName {
  const lower = value.toLowerCase();
  const wildcard = lower.startsWith("*.");
  const host = wildcard ? lower.slice(2) : lower;
  if (!isHostName(host)) throw refuse("a DNS name is malformed");
  const isInside = (subtree: GeneralName): boolean =>
    subtree.kind === "dns" && isDomainInside(host, subtree.value.toLowerCase(), wildcard);
  if (!wildcard) return both(isInside);
  const meets = (subtree: GeneralName): boolean => {
    if (isInside(subtree)) return true;
    // *.example.com may stand for foo.example.com: one label more.
    const base = subtree.kind === "dns" ? subtree.value.toLowerCase().replace(/^\./, "") : "";
    const dot = base.indexOf(".");
    return dot !== -1 && base.slice(dot + 1) === host;
  };
  return { isInside, meets };
}

/** `host` or, for a wildcard, all names one label below it. */
function isDomainInside(host: string, base: string, wildcard: boolean): boolean {
  if (base === "") return true;
  if (base.startsWith(".")) return host.endsWith(base) || (wildcard && host === base.slice(1));
  return host === base || host.endsWith(`.${base}`);
}

/** RFC 5280: for URIs and mail a base with a leading period means names below it, without one that name only. */
function isHostInside(host: string, base: string): boolean {
  return base === "" || (base.startsWith(".") ? host.endsWith(base) : host === base);
}

/** The host of a URI's authority, lower case; undefined when there is none or it is an address. */
function hostOf(uri: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri)?.[1];
  const host = authority
    ?.slice(authority.lastIndexOf("@") + 1)
    .replace(/:\d*$/, "")
    .toLowerCase();
  if (host === undefined || /^\d+(\.\d+){3}$/.test(host) || !isHostName(host)) return undefined;
  return host;
}

interface Mailbox {
  readonly local: string;
  readonly host: string;
}

const atom = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const quoted = /^"((?:[^"\\]|\\[\u0020-\u007e])*)"$/;

/** RFC 5321 §4.1.2, local part without its quoting. */
function parseMailbox(text: string): Mailbox | undefined {
  const at = text.lastIndexOf("@");
  const host = text.slice(at + 1).toLowerCase();
  const written = text.slice(0, Math.max(at, 0));
  const local = atom.test(written) ? written : quoted.exec(written)?.[1]?.replaceAll(/\\(.)/g, "$1");
  return local === undefined || !isHostName(host) ? undefined : { local, host };
}

function isMailboxInside(mailbox: Mailbox, base: string): boolean {
  if (!base.includes("@")) return isHostInside(mailbox.host, base.toLowerCase());
  const exact = parseMailbox(base);
  return exact !== undefined && exact.local === mailbox.local && exact.host === mailbox.host;
}

function isAddressInside(address: Uint8Array, subtree: Uint8Array): boolean {
  const size = subtree.length / 2;
  return (
    address.length === size &&
    address.every((octet, i) => ((octet ^ (subtree[i] ?? 0)) & (subtree[size + i] ?? 0)) === 0)
  );
}

/** Whether two names are the same by RFC 5280 §7.1: string types, case and spaces do not count. */
export function isSameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return a.length === b.length && isNameInside(a, b);
}

/** RFC 5280 §7.1: the subtree's RDNs are the first of the name's. */
function isNameInside(name: DistinguishedName, subtree: DistinguishedName): boolean {
  return subtree.length <= name.length && subtree.every((rdn, i) => isSameRdn(rdn, name[i] ?? []));
}

function isSameRdn(a: readonly NameAttribute[], b: readonly NameAttribute[]): boolean {
  return a.length === b.length && a.every((x) => b.some((y) => isSameAttribute(x, y)));
}

function isSameAttribute(a: NameAttribute, b: NameAttribute): boolean {
  if (a.type !== b.type) return false;
  if (a.tag === b.tag && Buffer.compare(a.value, b.value) === 0) return true;
  const text = foldedText(a);
  return text !== undefined && text === foldedText(b);
}

/** Each attribute is folded once: names from outside may have hundreds, all compared with all. */
const folded = new WeakMap<NameAttribute, { readonly text: string | undefined }>();

function foldedText(attribute: NameAttribute): string | undefined {
  const known = folded.get(attribute);
  if (known !== undefined) return known.text;
  const text = attributeText(attribute)?.normalize("NFKC").toLowerCase().trim().replaceAll(/\s+/g, " ");
  folded.set(attribute, { text });
  return text;
}

/** A subtree must have a form whose meaning is clear. */
function assertSubtree(subtree: GeneralName, strict: boolean): void {
  if (subtree.kind === "dns" || subtree.kind === "uri") {
    if (strict && subtree.kind === "dns" && subtree.value.startsWith("."))
      throw refuse("a DNS subtree begins with a period");
    const host = subtree.value.toLowerCase().replace(/^\./, "");
    const isClear =
      subtree.value === "" || (isHostName(host) && !(subtree.kind === "uri" && /^\d+(\.\d+){3}$/.test(host)));
    if (!isClear) throw refuse(`a ${subtree.kind} subtree is malformed`);
  } else if (subtree.kind === "email") {
    const isMailbox = subtree.value.includes("@");
    const isClear = isMailbox
      ? parseMailbox(subtree.value) !== undefined
      : isHostName(subtree.value.toLowerCase().replace(/^\./, ""));
    if (subtree.value !== "" && !isClear) throw refuse("an e-mail subtree is malformed");
  } else if (subtree.kind === "ip") {
    assertMask(subtree.value.subarray(subtree.value.length / 2));
  }
}

/** RFC 4632: ones, then zeros. */
function assertMask(mask: Uint8Array): void {
  const bits = [...mask].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  if (!/^1*0*$/.test(bits)) throw refuse("an IP subtree has holes in its mask");
}
