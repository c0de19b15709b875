import { Module, type DynamicModule } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { JwtTokenVerifier } from 'nestjs-mcp-adapters/jwt';
import { NotesModule } from './notes/notes.module.js';

/** Settings that differ from one deployment to another. */
export interface Settings {
  /** Where clients reach this server. */
  readonly publicUrl: string;
  /** Issuer of the tokens, and the URL of its keys. */
  readonly issuer: string;
  readonly jwksUrl: string;
}

@Module({})
export class AppModule {
  static register({ publicUrl, issuer, jwksUrl }: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        McpModule.forRoot({
          serverInfo: { name: 'notes', title: 'Notes', version: '1.0.0' },
          publicUrl,
          auth: {
            authorizationServers: [issuer],
            verifier: new JwtTokenVerifier({ issuer, jwksUrl }),
            // Scopes that a client asks its user for at first; for more it comes back when it needs it.
            scopesSupported: ['notes:read'],
            impliedScopes: { 'notes:write': ['notes:read'] },
          },
        }),
        NotesModule,
      ],
    };
  }
}
