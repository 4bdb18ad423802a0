#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { keepCompiledSources } from "./compile-cache.ts";

keepCompiledSources(import.meta.filename);
// What is imported from here on is kept.
const { runCommandLine } = await import("./command-line.ts");
await runCommandLine(process.argv);
