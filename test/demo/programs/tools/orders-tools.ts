// SPDX-License-Identifier: Apache-2.0
import { readFileSync, realpathSync } from "node:fs";
import { type CallToolResult, fromJsonSchema, McpServer } from "@modelcontextprotocol/server";
import type { QueryResult } from "pg";
import type { CallGate } from "./call-gate.ts";
import type { ToolServerConfig } from "./config.ts";
import type { TaskSessions } from "./task-sessions.ts";

/** What the tools work with. */
export interface ToolParts {
  readonly gate: CallGate;
  readonly sessions: TaskSessions;
  readonly config: Pick<ToolServerConfig, "files" | "descriptions" | "echo_meta">;
  readonly say: (line: string) => void;
}

type Arguments = Readonly<Record<string, unknown>>;

/** Runs a statement in the task's session. */
type Sql = (text: string, values?: readonly unknown[]) => Promise<QueryResult<Record<string, unknown>>>;

/** One tool: what it says of itself, and what it does under an admitted call. */
interface Tool {
  readonly description: string;
  readonly properties: Readonly<Record<string, object>>;
  run(args: Arguments, sql: Sql): Promise<unknown>;
}

const order = { type: "integer", minimum: 1 };

/** An MCP server with the tools `query`, `refund`, `export`, `drop_table` and `read_file`. */
export function ordersTools({ gate, sessions, config, say }: ToolParts): McpServer {
  const server = new McpServer({ name: "orders", version: "1.0.0" });
  const described = descriptionsIn(config.descriptions);
  for (const [name, tool] of Object.entries(tools(config.files))) {
    const { description, properties } = { ...tool, description: described[name] ?? tool.description };
    const inputSchema = fromJsonSchema<Arguments>({ type: "object", properties, additionalProperties: false });
    server.registerTool(name, { description, inputSchema }, async (args, { mcpReq }): Promise<CallToolResult> => {
      try {
        const { statement, token } = gate.admit({ tool: name, arguments: args, meta: mcpReq._meta });
        const echo = config.echo_meta === true ? { meta: mcpReq._meta } : {};
        if (config.echo_meta === true) say(`told ${JSON.stringify(echo)}`);
        const sql: Sql = async (text, values = []) =>
          (await sessions.of(statement.task, token)).query(text, [...values]);
        const done = await tool.run(args, sql);
        say(`ran ${name} for ${statement.task} call ${statement.call}`);
        return { content: [{ type: "text", text: JSON.stringify({ done, ...echo }) }] };
      } catch (error) {
        const { code = "FAILED", message } = error as Error & { readonly code?: string };
        say(`failed ${name}: ${code}`);
        return { content: [{ type: "text", text: `${code}: ${message}` }], isError: true };
      }
    });
  }
  return server;
}

function tools(files: string | undefined): Readonly<Record<string, Tool>> {
  return {
    query: {
      description: "Rows of the table orders; one of them when an order is named",
      properties: { order },
      run: async ({ order = null }, sql) =>
        (await sql("SELECT * FROM orders WHERE $1::int IS NULL OR id = $1 ORDER BY id", [order])).rows,
    },
    refund: {
      description: "Pays an amount back to an order's customer",
      properties: { order, amount: { type: "integer", minimum: 1 } },
      run: async ({ order, amount }, sql) => {
        await sql("INSERT INTO refunds (order_id, amount) VALUES ($1, $2)", [order, amount]);
        return { refunded: amount, order };
      },
    },
    export: {
      description: "All customers with all of their orders",
      properties: {},
      run: async (_args, sql) => (await sql("SELECT * FROM orders ORDER BY customer")).rows,
    },
    drop_table: {
      description: "Drops the table of orders",
      properties: {},
      run: async (_args, sql) => (await sql("DROP TABLE orders")).command,
    },
    read_file: {
      description: "Reads a file of the shop",
      properties: { path: { type: "string", maxLength: 256 } },
      run: ({ path }) => Promise.resolve(fileBelow(files, String(path))),
    },
  };
}

function fileBelow(root: string | undefined, path: string): string {
  if (root === undefined) throw new Error("there are no files");
  const real = realpathSync(`${root}/${path}`);
  if (!real.startsWith(`${realpathSync(root)}/`)) throw new Error("outside of the files of the shop");
  return readFileSync(real, "utf8").slice(0, 65_536);
}

function descriptionsIn(file: string | undefined): Readonly<Record<string, string>> {
  return file === undefined ? {} : (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>);
}
