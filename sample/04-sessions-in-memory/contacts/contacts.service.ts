import { Injectable } from '@nestjs/common';

export interface Contact {
  readonly name: string;
  readonly email: string;
}

@Injectable()
export class ContactsService {
  readonly #byEmail = new Map<string, Contact>([
    ['ada@example.com', { name: 'Ada', email: 'ada@example.com' }],
    ['alan@example.com', { name: 'Alan', email: 'alan@example.com' }],
  ]);

  has({ email }: Contact): boolean {
    return this.#byEmail.has(email);
  }

  save(contact: Contact): void {
    this.#byEmail.set(contact.email, contact);
  }

  all(): Contact[] {
    return [...this.#byEmail.values()];
  }
}
