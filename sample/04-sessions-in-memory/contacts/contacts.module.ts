import { Module } from '@nestjs/common';
import { ContactsService } from './contacts.service.js';
import { ImportTools } from './import.tools.js';

@Module({ providers: [ContactsService, ImportTools] })
export class ContactsModule {}
