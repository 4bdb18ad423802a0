// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const source = new URL("../src/index.ts", import.meta.url).href;

/** The .proto files that a process of its own opens, in order, while it runs `body` with the package as `rpc`. */
function protoReads(body: string): string[] {
  const program = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const opened = [];
    const { readFileSync } = fs;
    fs.readFileSync = (path, ...rest) => (opened.push(String(path)), readFileSync(path, ...rest));
    syncBuiltinESMExports();
    const rpc = await import(${JSON.stringify(source)});
    ${body}
    console.log(JSON.stringify(opened.filter((path) => path.endsWith(".proto"))));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL("..", import.meta.url)),
  });
  return (JSON.parse(output) as string[]).map((path) => path.slice(path.lastIndexOf("/proto/") + "/proto/".length));
}

it("the import opens no .proto file", () => {
  expect(protoReads("")).toEqual([]);
});

it("a client of the Workload API opens that file and none of the task layer", () => {
  expect(protoReads("rpc.workloadApiService.methods.FetchX509SVID.encodeRequest({});")).toEqual([
    "spiffe/workloadapi.proto",
  ]);
});

it("the services of one file open it once", () => {
  const body = `
    for (const service of Object.values(rpc).filter((each) => each.file === "mayfly/task.proto")) {
      for (const method of Object.values(service.methods)) method.encodeRequest({});
    }
  `;
  expect(protoReads(body)).toEqual(["mayfly/task.proto"]);
});
