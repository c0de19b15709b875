import { ValidationPipe, VersioningType, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** Does what a `main.ts` does between `NestFactory.create()` and `app.listen()`. Nothing here knows of MCP. */
export function configure(app: INestApplication): void {
  app.setGlobalPrefix('api', { exclude: ['health'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
  app.enableCors({ origin: ['https://desk.example'] });
  app.enableShutdownHooks();

  const document = new DocumentBuilder()
    .setTitle('Help desk')
    .addApiKey({ type: 'apiKey', name: 'x-api-key', in: 'header' });
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, document.build()));
}
