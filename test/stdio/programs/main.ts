import 'reflect-metadata';
import { serveStdio } from 'nestjs-mcp-adapters/stdio';
import { AppModule } from './app.js';

await serveStdio(AppModule);
