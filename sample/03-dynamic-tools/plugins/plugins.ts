import { z } from 'zod';

/** Something the server can learn while it runs. In a real application these come from a database or the network. */
export interface Plugin {
  readonly description: string;
  readonly input: z.ZodType<Record<string, unknown>>;
  run(args: Record<string, unknown>): string;
}

function plugin<T extends Record<string, unknown>>(
  description: string,
  input: z.ZodType<T>,
  run: (args: T) => string,
): Plugin {
  return { description, input, run };
}

export const PLUGINS: ReadonlyMap<string, Plugin> = new Map([
  ['celsius', plugin('Fahrenheit to Celsius', z.object({ fahrenheit: z.number() }), toCelsius)],
  ['dice', plugin('Roll a die', z.object({ sides: z.int().min(2).max(100) }), roll)],
  ['slug', plugin('Make a slug of a title', z.object({ title: z.string().max(200) }), toSlug)],
]);

function toCelsius({ fahrenheit }: { fahrenheit: number }): string {
  return `${(((fahrenheit - 32) * 5) / 9).toFixed(1)} °C`;
}

function roll({ sides }: { sides: number }): string {
  return String(1 + Math.floor(Math.random() * sides));
}

function toSlug({ title }: { title: string }): string {
  return title
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .join('-');
}
