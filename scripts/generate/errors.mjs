// SPDX-License-Identifier: Apache-2.0
// docs/errors.md: every stable error and reason code with what the code's own comment says of it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

const packagesDir = join(root, "packages");

// A doc comment, then a union of upper-case literals.
const union =
  /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*)?export type (\w+(?:Code|Reason)) =((?:\s|\||"[A-Z][A-Z0-9_]*"|\/\*\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n]*)+);/g;
// A doc comment, then a class with one code for good.
const single =
  /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*export class (\w+)[^{]*\{\s*(?:override )?readonly code = "([A-Z][A-Z0-9_]*)"/g;
const member = /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*|\/\/\s*([^\n]*)\n\s*)?\|?\s*"([A-Z][A-Z0-9_]*)"/g;

function plain(comment) {
  return (comment ?? "")
    .replace(/^\s*\*? ?/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** What a comment says after the code's name: up to the next code, separator or sentence. */
function meaningIn(text, code, codes) {
  const start = text.indexOf(`\`${code}\``);
  if (start === -1) return "";
  let rest = text.slice(start + code.length + 2);
  for (const other of codes) {
    const next = rest.indexOf(`\`${other}\``);
    if (next !== -1) rest = rest.slice(0, next);
  }
  return rest
    .split(/ · |\.(?:\s|$)/)[0]
    .replace(/^[\s:,–-]+|[\s,;·]+$/g, "")
    .trim();
}

/** The sentences of a table such as `CODE: "…"` or `CODE: { message: "…", hint: "…" }` in the same file. */
function sentencesIn(source, code) {
  const text = '\\s*"((?:[^"\\\\]|\\\\.)*)"';
  const found =
    new RegExp(`\\b${code}: \\{\\s*message:${text}(?:,\\s*hint:${text})?`).exec(source) ??
    new RegExp(`\\b${code}:${text}`).exec(source);
  return found === null ? "" : `${found[1]} ${found[2] ?? ""}`.trim();
}

/** The first text that the pattern is followed by; code in it becomes an ellipsis. */
function textBehind(pattern, source) {
  const text = '\\s*(["`])((?:\\\\.|(?!\\1)[^\\n])* (?:\\\\.|(?!\\1)[^\\n])*)\\1';
  const found = new RegExp(pattern + text).exec(source);
  return found === null ? "" : found[2].replace(/\$\{[^}]*\}+/g, "…").replace(/\\(.)/g, "$1");
}

/** What the code is thrown with: by its own class, else by whoever names it; in its package (where no other type has the code), else in another. */
function messageIn(type, code, { own, others }) {
  const byClass = `new ${type.replace(/Code$/, "")}\\(\\s*"${code}",`;
  const anywhere = `"${code}",`;
  const shared = [...own.matchAll(new RegExp(`^\\s*\\| "${code}"`, "gm"))].length > 1;
  return (
    textBehind(byClass, own) ||
    (shared ? "" : textBehind(anywhere, own)) ||
    textBehind(anywhere, others) ||
    textBehind(anywhere, own)
  );
}

function readUnion([, comment, type, body], source, sources) {
  const members = [...body.matchAll(member)].map(([, block, line, code]) => ({ code, own: plain(block ?? line) }));
  const codes = members.map(({ code }) => code);
  const text = plain(comment);
  const first = text.split(/\.(?:\s|$)/)[0];
  return {
    type,
    about: codes.some((code) => first.includes(code)) ? "" : first,
    codes: members.map(({ code, own }) => ({
      code,
      meaning: own || meaningIn(text, code, codes) || sentencesIn(source, code) || messageIn(type, code, sources),
    })),
  };
}

function readSource(text, sources) {
  const unions = [...text.matchAll(union)].map((found) => readUnion(found, text, sources));
  const classes = [...text.matchAll(single)].map(([, comment, type, code]) => ({
    type,
    about: "",
    codes: [{ code, meaning: plain(comment).split(/\.(?:\s|$)/)[0] }],
  }));
  return [...unions, ...classes].filter(({ codes }) => codes.length > 0);
}

const read = new Map();

/** Sources of a package, read once. */
function textsOf(name) {
  const known = read.get(name);
  if (known !== undefined) return known;
  const dir = join(packagesDir, name, "src");
  const files = existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: "utf8" }) : [];
  const texts = files
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .toSorted()
    .map((file) => readFileSync(join(dir, file), "utf8"));
  read.set(name, texts);
  return texts;
}

function section(name) {
  const texts = textsOf(name);
  const sources = { own: texts.join("\n"), others: others(name) };
  const groups = texts.flatMap((text) => readSource(text, sources));
  if (groups.length === 0) return "";
  const parts = groups.map(({ type, about, codes }) => {
    const rows = codes.map(({ code, meaning }) => `| \`${code}\` | ${meaning.replaceAll("|", "\\|")} |`);
    const intro = about === "" ? "" : `\n${about}.\n`;
    return `### ${type}\n${intro}\n| code | meaning |\n| --- | --- |\n${rows.join("\n")}\n`;
  });
  return `\n## ${name}\n\n${parts.join("\n")}`;
}

const packages = readdirSync(packagesDir).toSorted();

function others(name) {
  return packages
    .filter((each) => each !== name)
    .flatMap(textsOf)
    .join("\n");
}

const intro = `# Error and reason codes

Generated from the sources by \`node --run generate\`; don't edit. Every refusal carries one of these codes: in a library's error as
\`code\`, in a gRPC status as the detail \`mayfly.v1.Reason\`, on the command line as \`error: CODE: sentence\`. Codes are stable; the
sentences beside them are not. A code without a meaning says it all by its name. Where a peer gave no reason of ours, the command line
shows the name of the gRPC status (\`NOT_FOUND\`, \`PERMISSION_DENIED\`, …).
`;

/** The document, made from the sources. */
export function errorsDocument() {
  return intro + packages.map(section).join("");
}
