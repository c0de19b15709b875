import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { NotesThrottlerGuard } from './notes-throttler.guard.js';
import { NotesTools } from './notes.tools.js';

@Module({
  imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: 20 }])],
  providers: [NotesTools, NotesThrottlerGuard],
})
export class NotesModule {}
