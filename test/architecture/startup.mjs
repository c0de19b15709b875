/**
 * CPU time that 200 tools add to the start of an application (`npm run bench:startup`), half of them with a DTO and half
 * with zod: from before `NestFactory.create()` to listening, in fresh processes, in pairs with the same application
 * without `McpModule`. Also the CPU time of the first call of each tool, where its schema is compiled.
 */
import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { median } from '../bench/report/median.mjs';

const ROUNDS = 7;
const TOOLS = 200;
const [, file, variant] = process.argv;

if (variant === undefined) compare();
else console.log(JSON.stringify(await start(variant === 'with')));

function compare() {
  const run = (which) => JSON.parse(execFileSync(process.execPath, [file, which], { encoding: 'utf8' }));
  const pairs = Array.from({ length: ROUNDS }, () => ({ with: run('with'), without: run('without') }));
  const added = pairs.map((pair) => pair.with.start - pair.without.start);
  const spread = `${Math.min(...added).toFixed(0)} to ${Math.max(...added).toFixed(0)}`;
  console.log(
    `start with ${TOOLS} tools     ${median(added).toFixed(0)} ms more (${spread} in ${ROUNDS} pairs)`,
  );
  console.log(
    `first call of each tool   ${(median(pairs.map((pair) => pair.with.calls)) / TOOLS).toFixed(2)} ms each`,
  );
}

async function start(isServer) {
  const { Module, Logger } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const providers = await declareTools();
  const imports = [];
  Logger.overrideLogger(['error']);

  const begun = process.cpuUsage();
  if (isServer) {
    const { McpModule } = await import('../../dist/esm/index.js');
    imports.push(McpModule.forRoot());
  }
  class AppModule {}
  Module({ imports, providers })(AppModule);
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), {
    logger: ['error'],
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  const started = cpuSince(begun);

  const calling = process.cpuUsage();
  if (isServer) await callAll(await app.getUrl());
  const calls = cpuSince(calling);
  await app.close();
  return { start: started, calls, wall: performance.now() };
}

function cpuSince(begun) {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

/** Ten providers with twenty tools each, as the decorators of TypeScript would declare them. */
async function declareTools() {
  const { Injectable } = await import('@nestjs/common');
  const { McpTool } = await import('../../dist/esm/index.js');
  const { IsInt, IsOptional, IsString, Max, MaxLength, Min } = await import('class-validator');
  const { z } = await import('zod');
  return Array.from({ length: TOOLS / 20 }, (_, group) => {
    class Tools {}
    for (let index = 0; index < 20; index += 1) {
      const name = `tool_${group}_${index}`;
      Tools.prototype[name] = ({ count }) => `${name} ${count}`;
      const describe = (options) =>
        McpTool({ name, description: `The tool ${name}`, ...options })(
          Tools.prototype,
          name,
          Object.getOwnPropertyDescriptor(Tools.prototype, name),
        );
      if (index % 2 === 0) describe({ input: dto({ IsInt, IsOptional, IsString, Max, MaxLength, Min }) });
      else
        describe({ input: z.object({ title: z.string().max(80), count: z.number().int().min(0).max(99) }) });
    }
    Injectable()(Tools);
    return Tools;
  });
}

function dto({ IsInt, IsOptional, IsString, Max, MaxLength, Min }) {
  class Input {}
  Reflect.defineMetadata('design:type', String, Input.prototype, 'title');
  Reflect.defineMetadata('design:type', Number, Input.prototype, 'count');
  for (const decorate of [IsString(), MaxLength(80), IsOptional()]) decorate(Input.prototype, 'title');
  for (const decorate of [IsInt(), Min(0), Max(99)]) decorate(Input.prototype, 'count');
  return Input;
}

async function callAll(url) {
  for (let group = 0; group < TOOLS / 20; group += 1) {
    for (let index = 0; index < 20; index += 1) {
      const params = { name: `tool_${group}_${index}`, arguments: { title: 'a', count: 1 } };
      const response = await fetch(`${url}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
      });
      const text = await response.text();
      if (!text.includes(`${params.name} 1`))
        throw new Error(`${params.name} answered ${response.status} ${text}`);
    }
  }
}
