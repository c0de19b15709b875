/** `node --import ./test/multi-instance/typescript.mjs program.ts`: runs the sources as they are, as jest does. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
