/**
 * `node test/requirements/count-occurrences.mjs <folder>`: counts the key words on the pages of the specification, given
 * the folder with one folder per revision, and says where `occurrences.ts` differs. Prints the counts with `--print`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const KEY_WORD =
  /\b(?:MUST NOT|MUST|SHOULD NOT|SHOULD|SHALL NOT|SHALL|REQUIRED|NOT RECOMMENDED|RECOMMENDED)\b/g;

const [folder, ...options] = process.argv.slice(2);
const recorded = readFileSync(join(import.meta.dirname, 'occurrences.ts'), 'utf8');
const revisions = [...recorded.matchAll(/^ {2}'([\d-]{10})': \{$/gm)].map(([, revision]) => revision);

for (const revision of revisions) {
  const root = join(folder, revision);
  const files = readdirSync(root, { recursive: true }).filter((file) => file.endsWith('.mdx'));
  if (options.includes('--print')) console.log(`  '${revision}': {`);
  for (const file of files.sort()) {
    const page = file.slice(0, -'.mdx'.length);
    const counts = countIn(readFileSync(join(root, file), 'utf8'));
    const text = [...counts].map(([section, times]) => `${section}.${times}`).join(' ');
    if (options.includes('--print')) {
      if (text !== '') console.log(`    '${page}': '${text}',`);
    } else if (text !== recordedFor(revision, page)) {
      console.log(`${revision} ${page}: ${text}\n  recorded: ${recordedFor(revision, page)}`);
      process.exitCode = 1;
    }
  }
  if (options.includes('--print')) console.log('  },');
}

/** Times by section. Code does not count. */
function countIn(text) {
  const counts = new Map();
  let section = '';
  let isCode = false;
  // A key word may be broken over two lines.
  for (const line of text.replace(/(MUST|SHOULD|SHALL)\n\s*NOT\b/g, '$1 NOT\n').split('\n')) {
    if (line.trim().startsWith('```')) isCode = !isCode;
    if (isCode) continue;
    const heading = /^#{1,6}\s+(.*)/.exec(line)?.[1];
    if (heading !== undefined) section = anchorOf(heading);
    const times = line.match(KEY_WORD)?.length ?? 0;
    if (times > 0) counts.set(section, (counts.get(section) ?? 0) + times);
  }
  return counts;
}

function anchorOf(heading) {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*_]/g, '');
  return text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function recordedFor(revision, page) {
  const block = recorded.slice(recorded.indexOf(`  '${revision}': {`));
  const lines = block.slice(0, block.indexOf('\n  },'));
  const name = page.replace(/[/-]/g, (mark) => `\\${mark}`);
  return new RegExp(`^    '?${name}'?:\\s+'([^']*)'`, 'm').exec(lines)?.[1] ?? '';
}
