import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals JSON that others keep: they can neither read nor change it, nor put it in the place of another. */
export class SealedJson {
  readonly #keys: readonly Buffer[];

  /** The first secret seals; all of them open. What is sealed for one purpose opens for no other. */
  constructor(secrets: readonly string[], purpose: string) {
    this.#keys = secrets.map((secret) => createHash('sha256').update(`mcp ${purpose}\0${secret}`).digest());
  }

  /** As base64url. Opens with the same `binding` only. */
  seal(value: unknown, binding: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keys[0] as Buffer, iv).setAAD(Buffer.from(binding));
    const text = JSON.stringify(value);
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** `undefined` for what was not sealed with one of the secrets for this binding. */
  open(encoded: string, binding: string): unknown {
    const sealed = Buffer.from(encoded, 'base64url');
    // Node skips what is no base64url, and would so accept text that was tampered with.
    if (sealed.length <= IV_BYTES + TAG_BYTES || sealed.toString('base64url') !== encoded) return undefined;
    for (const key of this.#keys) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(binding))
          .setAuthTag(sealed.subarray(-TAG_BYTES));
        const text = Buffer.concat([
          decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)),
          decipher.final(),
        ]);
        return JSON.parse(text.toString('utf8'));
      } catch {
        continue;
      }
    }
    return undefined;
  }
}
