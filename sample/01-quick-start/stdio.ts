import { serveStdio } from 'nestjs-mcp-adapters/stdio';
import { AppModule } from './app.module.js';

await serveStdio(AppModule);
