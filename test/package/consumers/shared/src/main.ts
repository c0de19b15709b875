import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import assert from 'node:assert/strict';
import 'reflect-metadata';
import { AppModule, Greetings } from './app.module.js';
import { callGreet } from './call-greet.js';
import { callInProcess } from './call-in-process.js';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  assert.equal(await callGreet(app), 'Hello Ada');

  assert.equal(await callInProcess(await NestFactory.create(AppModule, { logger: false })), 'Hello Ada');

  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Greetings)
    .useValue({ for: (name: string) => `Overridden ${name}` })
    .compile();
  assert.equal(await callGreet(testing.createNestApplication()), 'Overridden Ada');

  console.log('consumer works');
}

void main();
